/**
 * The most joins that were under way at a time, from the system logs of SPS nodes with one clock. A join is under way from its request at
 * SPS until SPS has made its policies, or SPP has refused it.
 */
export function joinsAtOnce(logs: readonly (readonly string[])[]): number {
  const moments = logs.flatMap((lines) => lines.flatMap(momentOf)).sort((one, other) => one.at - other.at);
  let atOnce = 0;
  let most = 0;
  for (const { change } of moments) {
    atOnce += change;
    most = Math.max(most, atOnce);
  }
  return most;
}

/** The begin or the end of a join that a line of a log tells of. */
function momentOf(line: string): { at: number; change: number }[] {
  const [, time = "", text = ""] = /^(\S+) SPP-join: (.*)$/.exec(line) ?? [];
  const change = /^joining /.test(text) ? 1 : /^(failed: |policies and plugins are made)/.test(text) ? -1 : 0;
  return change === 0 ? [] : [{ at: Date.parse(time), change }];
}
