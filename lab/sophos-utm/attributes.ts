/** An attribute of an object. */
export interface Attribute {
  kind: "text" | "number" | "flag" | "list" | "numbers" | "hash" | "ipv4";
  default?: unknown;
  /** True refuses objects without the attribute or with an empty one; a list may be empty. */
  isRequired?: true;
  /** The types of objects that references may lead to, `network/*` for a whole class. */
  refs?: readonly string[];
  values?: readonly string[];
  range?: readonly [number, number];
}

export type ObjectType = Readonly<Record<string, Attribute>>;

export const text: Attribute = { kind: "text", default: "" };
export const flag: Attribute = { kind: "flag", default: false };
export const list: Attribute = { kind: "list", default: [] };
export const hash: Attribute = { kind: "hash", default: {} };
export const ipv4: Attribute = { kind: "ipv4", default: "" };
/** Without a value the attribute is required. */
export const number = (first: number, last: number, value?: number): Attribute =>
  value === undefined
    ? { kind: "number", range: [first, last], isRequired: true }
    : { kind: "number", range: [first, last], default: value };
/** The first value is the default. */
export const oneOf = (...values: string[]): Attribute => ({ kind: "text", default: values[0], values });
export const ref = (...refs: string[]): Attribute => ({ kind: "text", default: "", refs });
export const refList = (...refs: string[]): Attribute => ({ ...list, refs });
export const required = (attribute: Attribute): Attribute => ({ ...attribute, isRequired: true });

/** Whether a reference to an object of a type is allowed. */
export function isAllowedType(refs: readonly string[], type: string): boolean {
  return refs.some((allowed) => allowed === type || (allowed.endsWith("/*") && type.startsWith(allowed.slice(0, -1))));
}
