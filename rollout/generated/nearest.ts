/* Copied from provider/core by `npm run docs`; do not edit. */

/** The candidate that a mistyped name most likely means; undefined when none is near. Case does not matter. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const given = name.toLowerCase();
  const most = Math.max(1, Math.floor(given.length / 3));
  const [best] = candidates
    .map((candidate) => ({
      candidate,
      edits: isStart(given, candidate) ? 1 : editsBetween(given, candidate.toLowerCase()),
    }))
    .filter(({ edits }) => edits <= most)
    .sort((left, right) => left.edits - right.edits);
  return best?.candidate;
}

/** The reason for a property that does not exist, with the nearest one that does. */
export function unknownProperty(path: string, key: string, names: readonly string[]): string {
  const meant = nearest(key, names);
  const remedy = meant === undefined ? "Remove it or correct its name." : `Did you mean ${meant}?`;
  return `Unknown property ${path}. ${remedy}`;
}

/** Whether a name of at least three letters begins a candidate, such as `ack` for `acknowledge`. */
const isStart = (given: string, candidate: string) => given.length > 2 && candidate.toLowerCase().startsWith(given);

/** Number of inserted, deleted, replaced and exchanged letters between two texts (optimal string alignment). */
function editsBetween(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= left.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      const isExchange = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const edits = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isExchange ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      rows[row]?.push(edits);
    }
  }
  return at(left.length, right.length);
}
