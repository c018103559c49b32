import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { SshConnection } from "../connection";
import { SshFailure, type SshServerLogin } from "../target";
import { type Credentials, readCredentials } from "./credentials";
import { KeyedSemaphore } from "./keyed-semaphore";
import { type Limit, LoginTimeout, remainingSeconds, startLimit, withinLimit, withinStartedLimit } from "./limits";
import { logIn } from "./login";

/**
 * Concurrent logins at one server. From the tenth connection without a login on, OpenSSH drops some at random
 * (MaxStartups 10:30:100).
 */
const MAX_CONCURRENT_LOGINS = 8;

/** Retries of a connection that the server dropped before it identified itself. */
const MAX_RETRIES = 10;

/** The first and the longest pause before a retry, in milliseconds. */
const FIRST_PAUSE_MILLISECONDS = 100;
const MAX_PAUSE_MILLISECONDS = 1000;

const loginSlots = new KeyedSemaphore(MAX_CONCURRENT_LOGINS);

export interface ServerDial {
  signal: AbortSignal;
  /** A running limit, or the seconds that the login may take once it has a slot. */
  limit: Limit | number;
  /** A command to send together with the login. */
  firstCommand?: string;
  /** Calls back when this login has a slot. */
  onStart?: () => void;
  /** Opens the connection to the server, when it leads through a jump host. */
  open?: (signal: AbortSignal) => Promise<Duplex>;
  /** The jump host, because servers behind different jump hosts may have the same address. */
  via?: string;
}

/**
 * Logs in to one server as soon as it has a slot there; a login whose limit is running goes first. A connection that the
 * server drops before it has identified itself is retried after a random pause. Nothing is retried once a credential
 * may have been sent.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function dialServer(server: SshServerLogin, dialing: ServerDial): Promise<SshConnection> {
  const { signal, limit, via = "" } = dialing;
  const key = `${server.address}:${server.port} ${via}`;
  const credentials = await readCredentials(server);
  const releaseSlot = await acquireSlot(loginSlots, key, limit, signal);
  try {
    dialing.onStart?.();
    return await logInWithRetries(server, credentials, dialing);
  } finally {
    releaseSlot();
  }
}

/** Waits for a slot; a login whose limit is running goes first, and its limit includes the waiting. @returns a function that releases the slot */
export async function acquireSlot(
  slots: KeyedSemaphore,
  key: string,
  limit: Limit | number,
  signal: AbortSignal,
): Promise<() => void> {
  const isUrgent = typeof limit !== "number";
  return await withinStartedLimit(limit, signal, (until) => slots.acquire(key, until, isUrgent));
}

async function logInWithRetries(
  server: SshServerLogin,
  credentials: Credentials,
  { signal, open, firstCommand, ...given }: ServerDial,
): Promise<SshConnection> {
  const limit = typeof given.limit === "number" ? startLimit(given.limit) : given.limit;
  let dropped: SshFailure | undefined;
  for (let retries = 0; ; retries += 1) {
    const sock = open && (await withinLimit(limit, signal, open));
    try {
      const connection = await logIn(server, {
        limitSeconds: limit.seconds,
        remainingSeconds: remainingSeconds(limit),
        signal,
        credentials,
        ...(sock && { sock }),
        ...(firstCommand !== undefined && { firstCommand }),
      });
      // A server that never answers the disconnect must not keep its connection through a shared jump host open.
      if (sock) connection.onceEnded(() => sock.destroy());
      return connection;
    } catch (error) {
      sock?.destroy();
      // The limit may end an attempt; why there were several says more than the limit does.
      if (error instanceof LoginTimeout && dropped) throw droppedFailure(retries, dropped);
      if (!(error instanceof SshFailure) || !error.isDropped) throw error;
      const milliseconds = pauseBefore(retries + 1);
      if (retries === MAX_RETRIES || performance.now() + milliseconds > limit.end)
        throw droppedFailure(retries + 1, error);
      dropped = error;
      await pause(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** Between a third and the whole of a pause that doubles each time, so that connections dropped together retry apart. */
function pauseBefore(retry: number): number {
  const longest = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** (retry - 1), MAX_PAUSE_MILLISECONDS);
  return longest * (1 / 3 + (Math.random() * 2) / 3);
}

function droppedFailure(times: number, cause: SshFailure): SshFailure {
  const connections = times === 1 ? "the connection" : `${times} connections in a row`;
  const text = `the server closed ${connections} before it identified itself (${cause.message})`;
  return new SshFailure("unreachable", text, { cause, isDropped: true });
}
