import type { RaisedLogs } from "./raised-logs";

/** A change of log settings in words, such as `ssh from 4 to 7, debug logging on`; empty when there is none. */
export function changeText({ before, set }: Pick<RaisedLogs, "before" | "set">): string {
  const levels = Object.entries(set.levels).map(
    ([protocol, level]) => `${protocol} from ${before.levels[protocol]} to ${level}`,
  );
  const debug = set.debugLogging === undefined ? [] : [`debug logging ${set.debugLogging ? "on" : "off"}`];
  return [...levels, ...debug].join(", ");
}
