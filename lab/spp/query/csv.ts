/**
 * A response as CSV: the property names of the first row, then one line for each row. The vendor documents only that
 * `text/csv` exists; nested values are JSON texts here.
 */
export function toCsv(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const rows = (Array.isArray(value) ? value : [value]) as Record<string, unknown>[];
  const names = Object.keys(rows[0] ?? {});
  const table = [names, ...rows.map((row) => names.map((name) => textOf(row[name])))];
  return table.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
