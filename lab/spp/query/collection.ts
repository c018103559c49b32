import { refusals } from "../api-error";
import { compileFilter, type Row } from "./filter";
import { hasProperty } from "./schema";

/** Query parameters; a repeated parameter is a list. */
export type Query = Record<string, string | string[] | undefined>;

/**
 * Applies `filter`, `q` and `orderby` to a list, then `count`, or `page`, `limit` and `fields`.
 * @param entity name of the OpenAPI schema that has the valid property names.
 * @throws ApiError 70001, 70002, 70003 or 70009 for invalid properties, 70000 for invalid numbers.
 */
export function collection<T extends object>(rows: readonly T[], query: Query, entity: string): Row[] | number {
  let result = rows.map((row): Row => Object.fromEntries(Object.entries(row)));
  const filter = parameter(query, "filter");
  if (filter) result = result.filter(compileFilter(filter, entity));
  const search = parameter(query, "q")?.toLowerCase();
  if (search) {
    const matches = (value: unknown) => typeof value === "string" && value.toLowerCase().includes(search);
    result = result.filter((row) => Object.values(row).some(matches));
  }
  if (flag(query, "count")) return result.length;
  const ordering = parameter(query, "orderby");
  if (ordering) result = sortRows(result, ordering, entity);
  const limit = wholeNumber(query, "limit");
  if (limit !== undefined) {
    const start = (wholeNumber(query, "page") ?? 0) * limit;
    result = result.slice(start, start + limit);
  }
  return result.map((row) => selectFields(row, query, entity));
}

/**
 * Applies `fields` to one object: the named properties only or, after a minus sign, all others.
 * @throws ApiError 70002 for an unknown property.
 */
export function selectFields(entityRow: object, query: Query, entity: string): Row {
  const row: Row = Object.fromEntries(Object.entries(entityRow));
  const text = parameter(query, "fields");
  if (!text) return row;
  const isExclusion = text.trim().startsWith("-");
  const names = text.split(",").map((name) => name.trim().replace(/^-/, ""));
  for (const name of names) if (!hasProperty(entity, name)) throw refusals.fieldInvalid(name);
  // A dotted name selects its whole parent, because the behaviour of a real appliance is not documented.
  const parents = new Set(names.map((name) => name.split(".", 1)[0] ?? name));
  return Object.fromEntries(Object.entries(row).filter(([key]) => parents.has(key) !== isExclusion));
}

/** The value of a query parameter, the last one when repeated. Names are case-insensitive. */
export function parameter(query: Query, name: string): string | undefined {
  const key = Object.keys(query).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  const value = key === undefined ? undefined : query[key];
  return Array.isArray(value) ? value.at(-1) : value;
}

/**
 * A boolean query parameter, false by default.
 * @throws ApiError 70000 for a value other than true and false.
 */
export function flag(query: Query, name: string): boolean {
  const value = parameter(query, name)?.toLowerCase() ?? "false";
  if (value === "true" || value === "false") return value === "true";
  throw refusals.unbindable(name, `The value '${value}' is not valid.`);
}

function wholeNumber(query: Query, name: string): number | undefined {
  const value = parameter(query, name);
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw refusals.unbindable(name, `The value '${value}' is not valid.`);
}

function sortRows(rows: Row[], ordering: string, entity: string): Row[] {
  const keys = ordering.split(",").map((item) => {
    const [, minus, name = ""] = /^(-?)(.*)$/.exec(item.trim()) ?? [];
    if (!hasProperty(entity, name)) throw refusals.orderInvalid(name);
    return { name, sign: minus ? -1 : 1 };
  });
  return rows.sort((left, right) => {
    for (const { name, sign } of keys) {
      const difference = compare(valueAt(left, name), valueAt(right, name));
      if (difference !== 0) return sign * difference;
    }
    return 0;
  });
}

function valueAt(row: Row, path: string): unknown {
  let value: unknown = row;
  for (const name of path.split(".")) value = (value as Row | null | undefined)?.[name];
  return value ?? null;
}

function compare(left: unknown, right: unknown): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left) < String(right) ? -1 : 1;
}
