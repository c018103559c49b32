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

/** How the router watches one SPS, for all redirections of a resource to it. */
export interface Watch {
  spsAddress: string;
  /** The commands of the operation, in the order in which the router takes them. */
  operation: string[];
  intervalSeconds: number;
  /** How long a change has to last, in seconds; 0 counts at once. */
  delaySeconds: number;
}

/** The schedule that runs an operation for ever. */
export const SCHEDULE = "life forever start-time now";

/** The tag of the watches of a resource, by its owner id; older releases take 16 characters. */
function watchTag(ownerId: string): string {
  return `SPS-${ownerId}`;
}

/** The owner id in a tag; undefined for tags of others. */
export function taggedOwner(tag: string): string | undefined {
  return /^SPS-([0-9a-f]{12})$/.exec(tag)?.[1];
}

/** The name of a watch in the output `rules`, which does not depend on its number. */
export function watchName(spsAddress: string): string {
  return `SPS-${spsAddress}`;
}

/** The watch of the SPS of a redirection. */
export function watchOf({ spsAddress }: Redirection, options: WatchdogOptions, ownerId: string): Watch {
  const { intervalSeconds, port } = options;
  const timeout = Math.min(intervalSeconds * 1000, TIMEOUT_MILLISECONDS);
  return {
    spsAddress,
    intervalSeconds,
    operation: [
      port === undefined ? `icmp-echo ${spsAddress}` : `tcp-connect ${spsAddress} ${port} control disable`,
      `tag ${watchTag(ownerId)}`,
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
export function watchLine(spsAddress: string, operation: readonly string[], track: readonly string[]): string {
  return `ip sla ${watchName(spsAddress)}: ${[...operation.filter((line) => !line.startsWith("tag ")), ...track].join(", ")}`;
}

/** The lines below `track` for a delay. */
export function delayLines(seconds: number): string[] {
  return seconds === 0 ? [] : [`delay down ${seconds} up ${seconds}`];
}
