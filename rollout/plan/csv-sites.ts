import { nearest } from "../generated/nearest";
import { parseCsv } from "./csv";
import { type SiteDefinition, site } from "./definition";
import { type Checked, checkSite } from "./validate";

const LABEL = "label:";
const CONFIG = "config:";
const COLUMNS = [...Object.keys(site.shape).filter((name) => name !== "labels" && name !== "config"), LABEL, CONFIG];

/** The sites in the text of a CSV file. Problems begin with the name of the file and the line. */
export function csvSites(text: string, { csv, spp }: { csv: string; spp?: string }): Checked<SiteDefinition[]> {
  const parsed = parseCsv(text);
  if (!parsed.ok) return { ok: false, problems: [`${csv} line ${parsed.line}: ${parsed.problem}`] };
  const { columns, rows } = parsed;
  const wrong = columns.flatMap((name) => columnProblem(name) ?? []);
  if (wrong.length > 0) return { ok: false, problems: wrong.map((problem) => `${csv} header: ${problem}`) };
  if (rows.length === 0) return { ok: false, problems: [`sites.csv: ${csv} has no rows; add one for each site.`] };
  const checked = rows.map(({ line, values }) => checkSite(siteOfRow(values, spp), `${csv} line ${line}`));
  const problems = [...checked.flatMap((one) => (one.ok ? [] : one.problems)), ...repeated(csv, rows)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: checked.flatMap((one) => (one.ok ? [one.value] : [])) };
}

function columnProblem(name: string): string | undefined {
  if (COLUMNS.includes(name) && !name.endsWith(":")) return undefined;
  if ([LABEL, CONFIG].some((prefix) => name.startsWith(prefix) && name.length > prefix.length)) return undefined;
  const separator = name.includes(";") ? "semicolons" : name.includes("\t") ? "tabs" : undefined;
  if (separator !== undefined) return `its columns are separated by ${separator}; separate them by commas.`;
  const meant = nearest(name, COLUMNS);
  const known = `Columns are ${COLUMNS.map((one) => (one.endsWith(":") ? `${one}NAME` : one)).join(", ")}.`;
  return `Unknown column ${name}. ${meant === undefined ? known : `Did you mean ${meant}${meant.endsWith(":") ? "NAME" : ""}?`}`;
}

/** Sites that stand twice, with both lines: a file may have thousands. */
function repeated(csv: string, rows: readonly { line: number; values: Record<string, string> }[]): string[] {
  const first = new Map<string, number>();
  return rows.flatMap(({ line, values: { name = "" } }) => {
    const before = first.get(name);
    if (before === undefined) first.set(name, line);
    return before === undefined || name === ""
      ? []
      : [`${csv} line ${line}: the site ${name} is in line ${before} already; rename one.`];
  });
}

function siteOfRow(values: Record<string, string>, spp: string | undefined): unknown {
  const { frozen, ...rest } = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const below = (prefix: string) =>
    Object.fromEntries(
      Object.entries(rest).flatMap(([name, value]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
      ),
    );
  const plain = Object.fromEntries(
    Object.entries(rest).filter(([name]) => !name.startsWith(LABEL) && !name.startsWith(CONFIG)),
  );
  return {
    // A missing SPP is refused by the schema as an empty one, with the line of the row.
    spp: spp ?? "",
    ...plain,
    ...(frozen !== undefined && { frozen: flagOf(frozen) }),
    labels: below(LABEL),
    config: below(CONFIG),
  };
}

/** Programs for tables write TRUE. Anything else is refused by the schema. */
function flagOf(text: string): boolean | string {
  const lower = text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : text;
}
