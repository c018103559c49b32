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
  let used = 1;
  const shown = lines.findIndex((line) => {
    used += rowsOf(line);
    return used > most;
  });
  return [
    ...lines.slice(0, shown),
    `… and ${lines.length - shown} more lines; make the window taller, or run: rollout status`,
  ];
}
