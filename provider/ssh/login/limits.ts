import { SshFailure } from "../target";

/** The time limit of a login and everything before it. */
export interface Limit {
  /** Its length, in seconds. */
  seconds: number;
  /** Its end, by the clock of `performance.now()`. */
  end: number;
}

/** A limit that starts now. */
export function startLimit(seconds: number): Limit {
  return { seconds, end: performance.now() + seconds * 1000 };
}

/** The rest of a limit, in seconds. @throws SshFailure when nothing is left. */
export function remainingSeconds(limit: Limit): number {
  const seconds = (limit.end - performance.now()) / 1000;
  if (seconds <= 0) throw new LoginTimeout(limit.seconds);
  return seconds;
}

/** A login that reached its limit. */
export class LoginTimeout extends SshFailure {
  constructor(limitSeconds: number, cause?: unknown) {
    super("unreachable", `no login within ${Number(limitSeconds.toFixed(1))} s`, { cause });
  }
}

/**
 * Runs the work with a signal that also aborts at the limit.
 * @throws SshFailure at the limit; else what the work throws.
 */
export async function withinLimit<T>(
  limit: Limit,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new LoginTimeout(limit.seconds)), remainingSeconds(limit) * 1000);
  try {
    return await work(AbortSignal.any([signal, timeout.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** The same for a limit that may not have started: until then only the signal ends the work. */
export async function withinStartedLimit<T>(
  limit: Limit | number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return await (typeof limit === "number" ? work(signal) : withinLimit(limit, signal, work));
}

/** Awaits the work until the signal aborts; the work itself goes on. @throws the abort reason. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
