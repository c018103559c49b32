/** How two versions stand to each other, as far as both say. */
export type Comparison = "equal" | "older" | "newer" | "unknown";

/**
 * Compares major, minor and revision of two versions such as `8.0.0` and `8.0.0.21662`; parts that one of them lacks
 * are not compared. `older` means that the first is older. `unknown` where one does not begin with a number.
 */
export function compareVersions(first: string, second: string): Comparison {
  const left = partsOf(first);
  const right = partsOf(second);
  if (left.length === 0 || right.length === 0) return "unknown";
  for (const [index, part] of left.slice(0, right.length).entries()) {
    const other = right[index] ?? part;
    if (part !== other) return part < other ? "older" : "newer";
  }
  return "equal";
}

/** Up to three numbers at the beginning, without what follows them (build, LTS, hot fix). */
function partsOf(version: string): number[] {
  const numbers = /^\s*v?(\d+(?:\.\d+){0,2})(?![0-9])/i.exec(version)?.[1];
  return numbers === undefined ? [] : numbers.split(".").map(Number);
}
