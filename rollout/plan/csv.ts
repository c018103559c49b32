import { CsvError, parse } from "csv-parse/sync";

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
 * Parses CSV with a header; blanks around fields and empty lines do not count. What is not whole is refused: a row that is read in part
 * would be a site with other settings.
 */
export function parseCsv(text: string): ParsedCsv {
  const read = recordsIn(text);
  if (!Array.isArray(read)) return read;
  const [header, ...records] = read;
  if (header === undefined) return { ok: true, columns: [], rows: [] };
  // Programs for tables end each row with commas for columns that were removed.
  const columns = header.fields.slice(0, header.fields.findLastIndex((field) => field !== "") + 1);
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

type Failure = Extract<ParsedCsv, { ok: false }>;

const failure = (line: number, problem: string): Failure => ({ ok: false, line, problem });

function recordsIn(text: string): { line: number; fields: string[] }[] | Failure {
  const records: { line: number; fields: string[] }[] = [];
  try {
    parse(text, {
      bom: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      // Surplus fields are refused with their remedy, and missing ones are empty.
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
      on_record: (fields: string[], { lines }) => {
        records.push({ line: lines, fields: fields.map((field) => field.trim()) });
        return null;
      },
    });
  } catch (fault) {
    if (!(fault instanceof CsvError)) throw fault;
    // A quote that is still open at the end stands in the record after the last whole one.
    const line = fault.code === "CSV_QUOTE_NOT_CLOSED" ? (records.at(-1)?.line ?? 0) + 1 : Number(fault.lines);
    return failure(
      line,
      "a quote has no partner, or stands within a field; put the field in quotes, and each quote in it twice.",
    );
  }
  return records;
}
