/** Compares host names, or ids of nodes, without regard to case. */
export function isSameName(left: string | undefined, right: string): boolean {
  return left?.toLowerCase() === right.toLowerCase();
}
