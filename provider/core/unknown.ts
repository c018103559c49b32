/**
 * A value that is not known yet: during a preview, an input that another resource of the same program
 * will only produce when it is made. Fronts translate it to and from their engine's own marker.
 */
export const UNKNOWN: unique symbol = Symbol.for("safeguard.unknown");
export type Unknown = typeof UNKNOWN;

/** The same shape with nothing left unknown. */
export type Known<T> = T extends Unknown
  ? never
  : T extends readonly (infer Element)[]
    ? Known<Element>[]
    : T extends object
      ? { [Key in keyof T]: Known<T[Key]> }
      : T;

/** Tells whether a value is, or anywhere inside holds, something unknown. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (value !== null && typeof value === "object") return Object.values(value).some(hasUnknown);
  return false;
}

/** Narrows to the known shape; undefined while anything inside is unknown. */
export function ifKnown<T>(value: T): Known<T> | undefined {
  return hasUnknown(value) ? undefined : (value as Known<T>);
}

/** Says which inputs keep something from being checked, such as `not checked: members[0].connection.address is known only during the update`. */
export function notCheckedText(inputs: object): string {
  const paths = unknownPaths(inputs);
  const more = paths.length - MOST_PATHS;
  const names = [...paths.slice(0, MOST_PATHS), ...(more > 0 ? [`${more} more inputs`] : [])].join(", ");
  return `not checked: ${names} ${paths.length === 1 ? "is" : "are"} known only during the update`;
}

const MOST_PATHS = 4;

function unknownPaths(value: unknown, path = ""): string[] {
  if (value === UNKNOWN) return [path];
  if (value === null || typeof value !== "object") return [];
  const separator = path === "" ? "" : ".";
  return Object.entries(value).flatMap(([key, inner]) =>
    unknownPaths(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}${separator}${key}`),
  );
}
