/** One row of a CSV file, by the names of its header. */
export interface CsvRow {
  line: number;
  values: Record<string, string>;
}

export type ParsedCsv =
  | { ok: true; columns: string[]; rows: CsvRow[] }
  /** A mistake with its remedy, and the line that it is in. */
  | { ok: false; line: number; problem: string };

/**
 * Parses CSV as RFC 4180 describes it: a header, commas, quoted fields; blanks around fields and empty lines do not count. What is not whole is
 * refused: a row that is read in part would be a site with other settings.
 */
export function parseCsv(text: string): ParsedCsv {
  const read = recordsIn(text.replace(/^\uFEFF/, ""));
  if (!Array.isArray(read)) return read;
  const [header, ...records] = read.filter(({ fields }) => fields.some((field) => field !== ""));
  if (header === undefined) return { ok: true, columns: [], rows: [] };
  // Programs for tables end each row with commas for columns that were removed.
  const columns = header.fields.slice(0, header.fields.findLastIndex((field) => field !== "") + 1);
  const failure = (line: number, problem: string): ParsedCsv => ({ ok: false, line, problem });
  const unnamed = columns.indexOf("");
  if (unnamed >= 0) return failure(header.line, `column ${unnamed + 1} has no name; give it one, or remove it.`);
  const twice = columns.find((name, n) => columns.indexOf(name) < n);
  if (twice !== undefined) return failure(header.line, `two columns have the name ${twice}; remove one.`);
  const surplus = records.find(({ fields }) => fields.slice(columns.length).some((field) => field !== ""));
  if (surplus !== undefined)
    return failure(
      surplus.line,
      `it has more fields than the header has columns (${columns.length}); put fields with commas in quotes, or add the column.`,
    );
  const rows = records.map(({ line, fields }) => ({
    line,
    values: Object.fromEntries(columns.map((name, n) => [name, fields[n] ?? ""])),
  }));
  return { ok: true, columns, rows };
}

interface CsvRecord {
  line: number;
  fields: string[];
}

/** A field, quoted or not, and what ends it; nothing matches where a quote stands alone. */
const FIELD = /(?:[ \t]*"((?:[^"]|"")*)"[ \t]*|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;
const LINE_BREAK = /\r\n|\r|\n/g;

function recordsIn(text: string): CsvRecord[] | (ParsedCsv & { ok: false }) {
  const records: CsvRecord[] = [];
  let line = 1;
  let current: CsvRecord = { line, fields: [] };
  FIELD.lastIndex = 0;
  for (;;) {
    const found = FIELD.exec(text);
    if (found === null)
      return {
        ok: false,
        line,
        problem:
          "a quote has no partner, or stands within a field; put the field in quotes, and each quote in it twice.",
      };
    const [whole, quoted, plain = "", end] = found;
    current.fields.push((quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim());
    line += whole.match(LINE_BREAK)?.length ?? 0;
    if (end === ",") continue;
    records.push(current);
    if (end === "") return records;
    current = { line, fields: [] };
  }
}
