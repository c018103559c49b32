/** Tells whether two names of hosts, or two ids of nodes, are the same: in any case of letters they are. */
export function isSameName(left: string | undefined, right: string): boolean {
  return left?.toLowerCase() === right.toLowerCase();
}
