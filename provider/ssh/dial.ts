import { setTimeout as pause } from "node:timers/promises";
import type { SshConnection } from "./connection";
import { logIn, tooLate } from "./login";
import { SshFailure, type SshTarget } from "./target";
import { Turns } from "./turns";

/**
 * Logins under way at one server at a time. OpenSSH drops connections at random from the tenth on that has not logged in
 * (MaxStartups 10:30:100).
 */
export const MOST_LOGINS_AT_ONCE = 8;

/** How often a connection is tried again that the server has dropped before it said who it is. */
const MOST_RETRIES = 10;

/** Pauses before further tries: the first one, and the longest, in milliseconds. */
const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 1000;

const turns = new Turns(MOST_LOGINS_AT_ONCE);

export interface DialOptions {
  /** A command that may be under way already when `openShell` asks for it. */
  firstCommand?: string;
  /** True goes ahead of others that wait for the same server, and counts the waiting among the limit. Default false. */
  isUrgent?: boolean;
}

/**
 * Reaches the server, verifies its key and logs in. No more than a few logins are under way at one server at a time; a
 * connection that the server drops before it has said who it is, is tried again after a pause that differs from one to
 * the other. Nothing is tried again once a credential may have been sent.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function dial(target: SshTarget, signal: AbortSignal, options: DialOptions = {}): Promise<SshConnection> {
  const asked = performance.now();
  const leave = await takeTurn(target, signal, options.isUrgent ?? false);
  const end = (options.isUrgent ? asked : performance.now()) + target.dialLimitSeconds * 1000;
  try {
    return await logInWithRetries(target, end, signal, options);
  } finally {
    leave();
  }
}

async function takeTurn(target: SshTarget, signal: AbortSignal, isUrgent: boolean): Promise<() => void> {
  const place = `${target.address}:${target.port}`;
  if (!isUrgent) return await turns.take(place, signal);
  const limit = AbortSignal.timeout(target.dialLimitSeconds * 1000);
  return await turns.take(place, AbortSignal.any([signal, limit]), true).catch((error: unknown) => {
    throw signal.aborted || !limit.aborted ? error : tooLate(target.dialLimitSeconds);
  });
}

async function logInWithRetries(
  target: SshTarget,
  end: number,
  signal: AbortSignal,
  { firstCommand }: DialOptions,
): Promise<SshConnection> {
  for (let retries = 0; ; retries += 1) {
    const leftSeconds = (end - performance.now()) / 1000;
    if (leftSeconds <= 0) throw tooLate(target.dialLimitSeconds);
    const limits = { limitSeconds: target.dialLimitSeconds, leftSeconds };
    try {
      return await logIn(target, { ...limits, signal, ...(firstCommand !== undefined && { firstCommand }) });
    } catch (error) {
      if (!(error instanceof SshFailure)) throw error;
      if (!error.isDropped) throw error;
      const milliseconds = pauseBefore(retries + 1);
      if (retries === MOST_RETRIES || performance.now() + milliseconds > end) throw dropped(retries + 1, error);
      await pause(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** Between a third and the whole of a pause that doubles each time, so that those dropped together part. */
function pauseBefore(retry: number): number {
  const longest = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** (retry - 1), LONGEST_PAUSE_MILLISECONDS);
  return longest * (1 / 3 + (Math.random() * 2) / 3);
}

function dropped(times: number, cause: SshFailure): SshFailure {
  const connections = times === 1 ? "the connection" : `${times} connections, one after the other,`;
  const said = `the server ended ${connections} before it said who it is (${cause.message})`;
  return new SshFailure("unreachable", said, { cause, isDropped: true });
}
