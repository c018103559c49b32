import type { WatchdogOptions } from "../../bypass";
import type { Redirection } from "../../redirection";

/**
 * The reserved numbers of operations of `ip sla` and of the objects of `track` that follow them; both have the same number.
 * Older releases have 500 objects.
 */
export const WATCH_NUMBERS = { first: 400, last: 499 };

/** How long a probe waits for an answer at most, in milliseconds. */
const TIMEOUT_MILLISECONDS = 2000;

/** The longest delay of `track`, in seconds. */
export const MOST_DELAY_SECONDS = 180;

/** How the router watches the SPS of a redirection. */
export interface Watch {
  /** Marks the operation as part of the redirection. */
  tag: string;
  spsAddress: string;
  /** The commands of the operation, in the order in which the router takes them. */
  operation: string[];
  intervalSeconds: number;
  /** How long a change has to last, in seconds; 0 counts at once. */
  delaySeconds: number;
}

/** The schedule that runs an operation for ever. */
export const SCHEDULE = "life forever start-time now";

/** The tag of the watch of a redirection. */
export function watchTag(redirection: string): string {
  return `SPS-${redirection}`;
}

/** The redirection that a tag names; undefined for tags of others. */
export function watchedRedirection(tag: string): string | undefined {
  return /^SPS-([a-z][a-z0-9-]{0,19})$/.exec(tag)?.[1];
}

/** The watch of the SPS of a redirection. */
export function watchOf({ name, spsAddress }: Redirection, options: WatchdogOptions): Watch {
  const { intervalSeconds, port } = options;
  const timeout = Math.min(intervalSeconds * 1000, TIMEOUT_MILLISECONDS);
  return {
    tag: watchTag(name),
    spsAddress,
    intervalSeconds,
    operation: [
      port === undefined ? `icmp-echo ${spsAddress}` : `tcp-connect ${spsAddress} ${port} control disable`,
      `tag ${watchTag(name)}`,
      // Each value has to fit the ones that are set already: threshold, timeout, frequency.
      `threshold ${timeout}`,
      `timeout ${timeout}`,
      // The default, which the configuration does not show.
      ...(intervalSeconds === 60 ? [] : [`frequency ${intervalSeconds}`]),
    ],
    delaySeconds: delaySeconds(options),
  };
}

/** From the first probe without an answer until the last one that has to be missed, and one second for its result. */
export function delaySeconds({ intervalSeconds, missedProbes }: WatchdogOptions): number {
  return missedProbes === 1 ? 0 : (missedProbes - 1) * intervalSeconds + 1;
}

/** A watch in one line, as the output `rules` shows it. */
export function watchLine(tag: string, operation: readonly string[], track: readonly string[]): string {
  return `ip sla ${tag}: ${[...operation.filter((line) => !line.startsWith("tag ")), ...track].join(", ")}`;
}

/** The lines below `track` for a delay. */
export function delayLines(seconds: number): string[] {
  return seconds === 0 ? [] : [`delay down ${seconds} up ${seconds}`];
}
