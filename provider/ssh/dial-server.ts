import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { SshConnection } from "./connection";
import { type Credentials, readCredentials } from "./credentials";
import { type Limit, leftOf, limitFromNow, within, withinIfRunning } from "./limits";
import { logIn } from "./login";
import { SshFailure, type SshServerLogin } from "./target";
import { Turns } from "./turns";

/**
 * Logins under way at one server at a time. OpenSSH drops connections at random from the tenth on that has not logged in
 * (MaxStartups 10:30:100).
 */
const MOST_LOGINS_AT_ONCE = 8;

/** How often a connection is tried again that the server has dropped before it said who it is. */
const MOST_RETRIES = 10;

/** Pauses before further tries: the first one, and the longest, in milliseconds. */
const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 1000;

const turns = new Turns(MOST_LOGINS_AT_ONCE);

export interface ServerDial {
  signal: AbortSignal;
  /** A limit that is running already, or how many seconds the login may take from its turn on. */
  limit: Limit | number;
  /** A command to send ahead. */
  firstCommand?: string;
  /** Calls back when it is this login's turn. */
  onTurn?: () => void;
  /** Opens the way to the server, where that is no connection of its own. */
  open?: (signal: AbortSignal) => Promise<Duplex>;
  /** By which way, so that servers that have the same address elsewhere do not share their turns. */
  by?: string;
}

/**
 * Logs in to one server when it is its turn there; whose limit is running goes first. A connection that the server drops
 * before it has said who it is, is tried again after a pause that differs from one to the other. Nothing is tried again
 * once a credential may have been sent.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function dialServer(server: SshServerLogin, dialing: ServerDial): Promise<SshConnection> {
  const { signal, limit, by = "" } = dialing;
  const place = `${server.address}:${server.port} ${by}`;
  const credentials = await readCredentials(server);
  const end = await takeTurn(turns, place, limit, signal);
  try {
    dialing.onTurn?.();
    return await logInWithRetries(server, credentials, dialing);
  } finally {
    end();
  }
}

/** Waits for a turn; whose limit is running goes first, and its waiting counts. @returns what ends the turn */
export async function takeTurn(
  turns: Turns,
  place: string,
  limit: Limit | number,
  signal: AbortSignal,
): Promise<() => void> {
  const isUrgent = typeof limit !== "number";
  return await withinIfRunning(limit, signal, (until) => turns.take(place, until, isUrgent));
}

async function logInWithRetries(
  server: SshServerLogin,
  credentials: Credentials,
  { signal, open, firstCommand, ...given }: ServerDial,
): Promise<SshConnection> {
  const limit = typeof given.limit === "number" ? limitFromNow(given.limit) : given.limit;
  for (let retries = 0; ; retries += 1) {
    const sock = open && (await within(limit, signal, open));
    try {
      const connection = await logIn(server, {
        limitSeconds: limit.seconds,
        leftSeconds: leftOf(limit),
        signal,
        credentials,
        ...(sock && { sock }),
        ...(firstCommand !== undefined && { firstCommand }),
      });
      // A server that does not answer the farewell must not hold its way through a shared jump host open.
      if (sock) connection.onceEnded(() => sock.destroy());
      return connection;
    } catch (error) {
      sock?.destroy();
      if (!(error instanceof SshFailure) || !error.isDropped) throw error;
      const milliseconds = pauseBefore(retries + 1);
      if (retries === MOST_RETRIES || performance.now() + milliseconds > limit.end) throw dropped(retries + 1, error);
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
