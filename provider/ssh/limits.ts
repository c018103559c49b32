import { SshFailure } from "./target";

/** What a login, with everything that leads to it, is bounded by. */
export interface Limit {
  /** How long it may take, in seconds. */
  seconds: number;
  /** When that is over, by the clock of `performance.now()`. */
  end: number;
}

/** A limit that counts from now. */
export function limitFromNow(seconds: number): Limit {
  return { seconds, end: performance.now() + seconds * 1000 };
}

/** What is left of a limit, in seconds. @throws SshFailure when that is nothing. */
export function leftOf(limit: Limit): number {
  const left = (limit.end - performance.now()) / 1000;
  if (left <= 0) throw tooLate(limit.seconds);
  return left;
}

/** The failure of a login that took longer than it may. */
export function tooLate(limitSeconds: number, cause?: unknown): SshFailure {
  return new SshFailure("unreachable", `no login within ${limitSeconds} s`, { cause });
}

/**
 * Does the work with a signal that also aborts at the limit.
 * @throws SshFailure when the limit ended it; else what the work throws.
 */
export async function within<T>(
  limit: Limit,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(tooLate(limit.seconds)), leftOf(limit) * 1000);
  try {
    return await work(AbortSignal.any([signal, over.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** The same where the limit may not be running yet: then the signal alone ends the work. */
export async function withinIfRunning<T>(
  limit: Limit | number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return await (typeof limit === "number" ? work(signal) : within(limit, signal, work));
}

/** Awaits the work no longer than until the signal aborts; the work itself goes on. @throws the abort reason. */
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
