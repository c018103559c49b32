/**
 * Converts a configuration object for a PUT, which replaces the whole object. References, read as `{key, meta}`, are written as their bare
 * key (SPS REST reference §4.2, §4.4). Unknown members are kept.
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
