/** The size of a terminal in characters. */
export interface Screen {
  rows: number;
  columns: number;
}

/**
 * As many lines as a terminal shows without scrolling, so that a table that is drawn again stays where it is; the last line says how many are
 * left out. Pure.
 */
export function fitted(lines: readonly string[], { rows, columns }: Screen): string[] {
  const rowsOf = (line: string) => Math.max(1, Math.ceil(line.length / columns));
  // The cursor stands below.
  const most = rows - 1;
  if (lines.reduce((sum, line) => sum + rowsOf(line), 0) <= most) return [...lines];
  const more = (left: number) => `… and ${left} more lines; make the window taller, or run: rollout status`;
  let used = rowsOf(more(lines.length));
  const shown = lines.findIndex((line) => {
    used += rowsOf(line);
    return used > most;
  });
  return [...lines.slice(0, shown), more(lines.length - shown)];
}
