/** Anything JSON can say. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object; members that are undefined are not written. */
export interface JsonObject {
  [name: string]: Json | undefined;
}

/** Tells whether a value is a JSON object, not a list and not null. */
export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Tells whether two JSON values say the same. The order of object members does not matter. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((element, index) => sameJson(element, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => sameJson(left[name], right[name]));
}
