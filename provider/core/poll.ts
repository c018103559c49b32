import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "./context";
import { type ErrorCode, SafeguardError } from "./errors";

export interface PollOptions {
  /** Object and step for progress lines and the time-out error, for example `sps 10.0.0.1`. */
  object: string;
  /** What is awaited, for example `central management role`. */
  awaiting: string;
  /** Upper bound of the whole wait, in seconds. */
  limitSeconds: number;
  /** The clock by which the limit is measured, in milliseconds since 1970. Default: this machine's. */
  now?: () => Promise<number>;
  /** First pause between two looks, in milliseconds; grows by half up to `maximumMilliseconds`. Default 100. */
  firstMilliseconds?: number;
  /** Longest pause between two looks, in milliseconds. Default 500. */
  maximumMilliseconds?: number;
  /** What to do when the limit is reached. Default: the catalogue's for the code. */
  remedy?: string;
  code: ErrorCode;
}

/** Either the awaited value, or what was seen instead (shown as progress and in the time-out error). */
export type Look<T> = { done: T } | { seen: string };

/**
 * Looks again and again until the awaited state is there. Ends at the limit with an error that names what was
 * awaited and what was last seen, and at once on cancel. An error thrown by `look` ends the wait.
 */
export async function poll<T>(
  context: OperationContext,
  options: PollOptions,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const { now = async () => Date.now() } = options;
  const started = await now();
  const maximum = options.maximumMilliseconds ?? 500;
  let wait = options.firstMilliseconds ?? 100;
  let shown = "";
  for (;;) {
    context.signal.throwIfAborted();
    const result = await look();
    if ("done" in result) return result.done;
    const elapsed = ((await now()) - started) / 1000;
    if (elapsed >= options.limitSeconds) {
      throw new SafeguardError({
        code: options.code,
        object: options.object,
        step: `await ${options.awaiting}`,
        cause: `not reached within ${options.limitSeconds} s (last seen: ${result.seen})`,
        ...(options.remedy !== undefined && { remedy: options.remedy }),
      });
    }
    const line = `${options.object}: awaiting ${options.awaiting}: ${result.seen} (${Math.floor(elapsed)} s of ${options.limitSeconds} s)`;
    if (line !== shown) context.log.status(line);
    shown = line;
    await pause(Math.min(wait, Math.max(0, options.limitSeconds * 1000 - elapsed * 1000)), undefined, {
      signal: context.signal,
    });
    wait = Math.min(wait * 1.5, maximum);
  }
}
