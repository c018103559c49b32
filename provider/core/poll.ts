import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "./context";
import { type ErrorCode, SafeguardError } from "./errors";

export interface PollOptions {
  /** Object of the progress lines and of the timeout error, for example `sps 10.0.0.1`. */
  object: string;
  /** The awaited state, which follows `waiting for`. */
  awaiting: string;
  /** Upper bound of the whole wait, in seconds. */
  limitSeconds: number;
  /** The clock by which the limit is measured, in milliseconds since 1970. Default: this machine's. */
  now?: () => Promise<number>;
  /** First pause between two reads, in milliseconds; grows by half up to `maximumMilliseconds`. Default 100. */
  firstMilliseconds?: number;
  /** Longest pause between two reads, in milliseconds. Default 500. */
  maximumMilliseconds?: number;
  /** What to do at the limit. Default: the remedy of the code. */
  remedy?: string;
  code: ErrorCode;
}

/** The awaited value, or the current state for the progress line and the timeout error. */
export type Reading<T> = { done: T } | { seen: string };

/** Pauses between two lines that tell the same: a log without a terminal keeps each of them. */
const REPEAT_SECONDS = { first: 10, last: 60 };

/**
 * Reads repeatedly until the awaited state is reached. Ends at the limit with an error that names the awaited and the last state, and at
 * once on cancel. An error thrown by `read` ends the wait.
 */
export async function poll<T>(
  context: OperationContext,
  options: PollOptions,
  read: () => Promise<Reading<T>>,
): Promise<T> {
  const { now = async () => Date.now() } = options;
  const started = await now();
  const maximum = options.maximumMilliseconds ?? 500;
  let wait = options.firstMilliseconds ?? 100;
  let shown = "";
  let repeatAt = 0;
  let pauseSeconds = REPEAT_SECONDS.first;
  for (;;) {
    context.signal.throwIfAborted();
    const result = await read();
    if ("done" in result) return result.done;
    const elapsed = ((await now()) - started) / 1000;
    if (elapsed >= options.limitSeconds) {
      throw new SafeguardError({
        code: options.code,
        object: options.object,
        step: `wait for ${options.awaiting}`,
        cause: `not reached within ${options.limitSeconds} s (last seen: ${result.seen})`,
        ...(options.remedy !== undefined && { remedy: options.remedy }),
      });
    }
    if (result.seen !== shown) pauseSeconds = REPEAT_SECONDS.first;
    if (result.seen !== shown || elapsed >= repeatAt) {
      const time = `${Math.floor(elapsed)} s of ${options.limitSeconds} s`;
      context.log.status(`${options.object}: waiting for ${options.awaiting}: ${result.seen} (${time})`);
      shown = result.seen;
      repeatAt = elapsed + pauseSeconds;
      pauseSeconds = Math.min(pauseSeconds * 2, REPEAT_SECONDS.last);
    }
    await pause(Math.min(wait, Math.max(0, options.limitSeconds * 1000 - elapsed * 1000)), undefined, {
      signal: context.signal,
    });
    wait = Math.min(wait * 1.5, maximum);
  }
}
