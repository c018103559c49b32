import { failureLine } from "../core/errors";
import { isOwnCommand } from "./checks/command";
import type { DiagnosisReport, SiteCheckReport, SiteReport } from "./report-schema";

/** How much is shown: `attention` folds what passes into a count, `all` shows each check. */
export type TextDetail = "attention" | "all";

/** How many names of sites a cause shows that they share. */
const MAX_NAMES = 10;

/**
 * The report as lines of text: what several sites have in common, then for each site its causes and its checks as a tree. Among several
 * sites, one takes a line when it works, and its causes alone when others have all of them too.
 */
export function diagnosisLines(report: DiagnosisReport, detail: TextDetail = "attention"): string[] {
  const { sites, shared } = report;
  if (sites.length < 2) return sites.flatMap((site) => siteLines(site, detail));
  const common = shared.flatMap((one) => sharedLines(one, sites));
  return [
    ...common,
    ...sites.flatMap((site) => {
      if (detail === "all") return siteLines(site, detail);
      if (site.status === "fine") return [`${headline(site)}: ${totalsOf(site)}`];
      const isShared = (cause: Cause) =>
        shared.some(({ check, sites: names }) => check === cause.check && names.includes(site.site));
      if (!site.causes.every(isShared)) return siteLines(site, detail);
      const above = site.causes.map(
        (cause, index) => `  ${index + 1}. ${checkOf(site, cause.check)?.title ?? cause.check}: see above`,
      );
      return [headline(site), ...above, `  ${totalsOf(site)}`];
    }),
  ];
}

type Cause = SiteReport["causes"][number];

/** A cause that several sites share, with its remedy; the appliance or router only where it is the same one. */
function sharedLines({ check, text, sites: names }: DiagnosisReport["shared"][number], sites: readonly SiteReport[]) {
  const found = sites.filter(({ site }) => names.includes(site)).flatMap((site) => checkOf(site, check) ?? []);
  const [first] = found;
  const isSame = found.every(({ object }) => object === first?.object);
  const rest = names.length - MAX_NAMES;
  const shown = `${names.slice(0, MAX_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  const cause = first ? sentence(isSame ? first : { ...first, object: "each" }) : text;
  return [`the same in ${counted(names.length, "site")} (${shown}):`, `  ${cause}`];
}

const checkOf = ({ checks }: SiteReport, id: string) => checks.find((check) => check.id === id);

/** The report on one site. */
export function siteLines(report: SiteReport, detail: TextDetail = "attention"): string[] {
  const { causes, checks } = report;
  const first = causes.flatMap(({ check, explains }, index) => {
    const found = checkOf(report, check);
    if (!found) return [];
    const rest = explains.length > 0 ? [`   explains ${counted(explains.length, "other check")} below`] : [];
    const next = found.command !== undefined && isOwnCommand(check) ? [`   next: ${found.command}`] : [];
    return [`${index + 1}. ${sentence(found)}`, ...next, ...rest];
  });
  return [
    headline(report),
    ...first.map(indented),
    ...treeLines(checks, detail).map(indented),
    `  ${totalsOf(report)}`,
  ];
}

const headline = ({ site, status }: SiteReport) => `site ${site}: ${HEADLINE[status]}`;

function totalsOf({ checks, milliseconds }: SiteReport): string {
  const totals = STATUSES.map((one) => `${checks.filter((check) => check.status === one).length} ${one}`).join(", ");
  return `${totals} (${(milliseconds / 1000).toFixed(1)} s)`;
}

const STATUSES = ["pass", "warn", "fail", "not checked"] as const;

const HEADLINE = { fine: "works", warnings: "works, but needs attention", failed: "does not work" } as const;

const SHOWN = { pass: "pass", warn: "warn", fail: "FAIL", "not checked": "not checked" } as const;

const indented = (line: string) => `  ${line}`;

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A cause in the form of an error message. */
function sentence({ code, object, title, text, remedy }: SiteCheckReport): string {
  const step = `check "${title}"`;
  if (code !== undefined)
    return failureLine({ code, object, step, cause: text, ...(remedy !== undefined && { remedy }) });
  return `${object}: ${step}: ${text}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/** The checks below their level. */
function treeLines(checks: readonly SiteCheckReport[], detail: TextDetail): string[] {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const titleOf = (id: string) => checks.find((check) => check.id === id)?.title ?? id;
  const levels = [...new Set(checks.map(({ level }) => level))];
  return levels.flatMap((level) => {
    const own = checks.filter((check) => check.level === level);
    const passed = own.filter(({ status }) => status === "pass").length;
    const rows = own.filter(({ status }) => detail === "all" || status !== "pass");
    return [
      `${level}: ${passed} of ${own.length} pass`,
      ...rows.map(({ status, title, text, because }) => {
        const shown = because === undefined ? text : `because this failed: ${titleOf(because)}`;
        return `  ${SHOWN[status].padEnd(11)}  ${title.padEnd(width)}  ${shown}`;
      }),
    ];
  });
}
