/**
 * An object of the configuration as it has to be sent back: a PUT replaces the whole object, and references, which
 * are read as `{key, meta}`, are written as their bare key (SPS REST reference §4.2, §4.4). Whatever this client does
 * not know of the object is kept.
 */
export function toWritableObject(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, memberAsWritten(inner)]));
}

function memberAsWritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(memberAsWritten);
  if (value === null || typeof value !== "object") return value;
  const { key, meta } = value as { key?: unknown; meta?: unknown };
  const isReference = typeof key === "string" && meta !== null && typeof meta === "object";
  return isReference ? key : toWritableObject(value);
}
