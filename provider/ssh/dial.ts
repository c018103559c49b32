import type { Duplex } from "node:stream";
import type { SshConnection } from "./connection";
import { acquireSlot, dialServer } from "./login/dial-server";
import { JumpHostPool, type JumpLease } from "./login/jump-host-pool";
import { KeyedSemaphore } from "./login/keyed-semaphore";
import { type Limit, startLimit, unlessAborted, withinStartedLimit } from "./login/limits";
import { SshFailure, type SshServerLogin, type SshTarget } from "./target";

/** Concurrent logins through one jump host, so that neither it nor this process is overloaded. */
const MAX_CONCURRENT_FORWARDS = 32;

const forwardSlots = new KeyedSemaphore(MAX_CONCURRENT_FORWARDS);
const jumpHosts = new JumpHostPool();

export interface DialOptions {
  /** A command to send together with the login, for the first `openShell`. */
  firstCommand?: string;
  /**
   * True for a login that must prove that one is possible now: it uses no older connection to a jump host, overtakes
   * waiting logins to the same server, and its limit includes the waiting. Default false.
   */
  isProof?: boolean;
}

/**
 * Connects to the server, verifies its host key and logs in. The number of concurrent logins at one server, and through
 * one jump host, is limited; a connection that a busy server drops is retried. Concurrent logins share one connection to
 * a jump host, which closes with the last of them.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function dial(target: SshTarget, signal: AbortSignal, options: DialOptions = {}): Promise<SshConnection> {
  signal.throwIfAborted();
  const { jumpHost, dialLimitSeconds, ...server } = target;
  const { isProof = false, firstCommand } = options;
  const limit = isProof ? startLimit(dialLimitSeconds) : dialLimitSeconds;
  const dialing = { signal, limit, ...(firstCommand !== undefined && { firstCommand }) };
  if (!jumpHost) return await dialServer(server, dialing);
  // Leased before the wait for a slot, so that a jump host that refuses is asked once for all waiting logins.
  const lease = await leaseJumpHost(jumpHost, limit, signal);
  try {
    const via = `${jumpHost.address}:${jumpHost.port}`;
    const releaseSlot = await acquireSlot(forwardSlots, via, limit, signal);
    try {
      const open = (until: AbortSignal) => openForward(lease.connection, server, until);
      const connection = await dialServer(server, { ...dialing, via, open });
      connection.onceEnded(lease.release);
      return connection;
    } finally {
      releaseSlot();
    }
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** A connection to the jump host: a shared one, or a new one when the limit is already running. */
async function leaseJumpHost(host: SshServerLogin, limit: Limit | number, signal: AbortSignal): Promise<JumpLease> {
  const isNew = typeof limit !== "number";
  const take = (until: AbortSignal) =>
    jumpHosts.take(host, until, isNew, (ending, onTurn) =>
      dialServer(host, { signal: ending, limit, onStart: onTurn }),
    );
  return await withinStartedLimit(limit, signal, take).catch((error: unknown) => {
    throw error instanceof SshFailure ? error.ofJumpHost() : error;
  });
}

/** Opens a TCP connection from the jump host to the server. */
async function openForward(jump: SshConnection, server: SshServerLogin, signal: AbortSignal): Promise<Duplex> {
  const opening = jump.forward(server.address, server.port);
  return await unlessAborted(opening, signal).catch((error: unknown) => {
    opening.then(
      (late) => late.destroy(),
      () => {
        // The connection that is no longer wanted was refused.
      },
    );
    throw error instanceof SshFailure && error.kind !== "unreachable" ? error.ofJumpHost() : error;
  });
}
