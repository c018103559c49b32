/** One row of a CSV file, by the names of its header. */
export interface CsvRow {
  line: number;
  values: Record<string, string>;
}

/** Parses CSV as RFC 4180 describes it: a header, commas, quoted fields. Empty lines are left out. */
export function parseCsv(text: string): CsvRow[] {
  const [header, ...rows] = recordsIn(text.replace(/^\uFEFF/, "")).filter(({ fields }) =>
    fields.some((field) => field !== ""),
  );
  const names = header?.fields.map((field) => field.trim()) ?? [];
  return rows.map(({ line, fields }) => ({
    line,
    values: Object.fromEntries(names.map((name, n) => [name, (fields[n] ?? "").trim()])),
  }));
}

function recordsIn(text: string): { line: number; fields: string[] }[] {
  const records: { line: number; fields: string[] }[] = [];
  let line = 1;
  let current = { line, fields: [] as string[] };
  // A field, quoted or not, and what ends it.
  for (const [whole, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    current.fields.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    line += whole.split("\n").length - 1;
    if (end === ",") continue;
    records.push(current);
    current = { line, fields: [] };
    if (end === "") break;
  }
  return records;
}
