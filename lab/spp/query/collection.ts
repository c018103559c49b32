import { refusals } from "../api-error";
import { compileFilter, type Row } from "./filter";
import { hasProperty } from "./schema";

/** Query parameters as the web server parsed them: a repeated one is a list. */
export type Query = Record<string, string | string[] | undefined>;

/**
 * Answers a list request: `q`, `filter`, `orderby`, then `count` or `page`, `limit` and `fields`.
 * @param entity name of the rows' OpenAPI schema, which tells the valid property names.
 * @throws ApiError 70001, 70002, 70003 or 70009 for invalid properties, 70000 for numbers that are none.
 */
export function collection<T extends object>(rows: readonly T[], query: Query, entity: string): Row[] | number {
  let result = rows.map((row): Row => Object.fromEntries(Object.entries(row)));
  const filter = parameter(query, "filter");
  if (filter) result = result.filter(compileFilter(filter, entity));
  const wanted = parameter(query, "q")?.toLowerCase();
  if (wanted) {
    const matches = (value: unknown) => typeof value === "string" && value.toLowerCase().includes(wanted);
    result = result.filter((row) => Object.values(row).some(matches));
  }
  if (flag(query, "count")) return result.length;
  const ordering = parameter(query, "orderby");
  if (ordering) result = ordered(result, ordering, entity);
  const limit = wholeNumber(query, "limit");
  if (limit !== undefined) {
    const start = (wholeNumber(query, "page") ?? 0) * limit;
    result = result.slice(start, start + limit);
  }
  return result.map((row) => selectFields(row, query, entity));
}

/**
 * Answers a request for one object, with the query parameter `fields`: the named properties only, or, with a minus
 * sign in front, all but the named ones.
 * @throws ApiError 70002 for a property the entity does not have.
 */
export function selectFields(entityRow: object, query: Query, entity: string): Row {
  const row: Row = Object.fromEntries(Object.entries(entityRow));
  const text = parameter(query, "fields");
  if (!text) return row;
  const dropped = text.trim().startsWith("-");
  const names = text.split(",").map((name) => name.trim().replace(/^-/, ""));
  for (const name of names) if (!hasProperty(entity, name)) throw refusals.fieldInvalid(name);
  // A dotted name selects its whole parent here: what the real appliance does with it is not documented.
  const tops = new Set(names.map((name) => name.split(".", 1)[0] ?? name));
  return Object.fromEntries(Object.entries(row).filter(([key]) => tops.has(key) !== dropped));
}

/** One query parameter, matched without case; the last one where it is repeated. */
export function parameter(query: Query, name: string): string | undefined {
  const key = Object.keys(query).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  const value = key === undefined ? undefined : query[key];
  return Array.isArray(value) ? value.at(-1) : value;
}

/**
 * A boolean query parameter; absent is false.
 * @throws ApiError 70000 when it is neither true nor false.
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

function ordered(rows: Row[], ordering: string, entity: string): Row[] {
  const keys = ordering.split(",").map((item) => {
    const [, minus, name = ""] = /^(-?)(.*)$/.exec(item.trim()) ?? [];
    if (!hasProperty(entity, name)) throw refusals.orderInvalid(name);
    return { name, sign: minus ? -1 : 1 };
  });
  return rows.sort((left, right) => {
    for (const { name, sign } of keys) {
      const difference = compare(at(left, name), at(right, name));
      if (difference !== 0) return sign * difference;
    }
    return 0;
  });
}

function at(row: Row, path: string): unknown {
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
