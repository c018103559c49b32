import type { Duplex } from "node:stream";
import type { SshConnection } from "./connection";
import { dialServer, takeTurn } from "./dial-server";
import { JumpHosts, type JumpLease } from "./jump-host";
import { type Limit, limitFromNow, unlessAborted, withinIfRunning } from "./limits";
import { SshFailure, type SshServerLogin, type SshTarget } from "./target";
import { Turns } from "./turns";

/** Logins under way through one jump host at a time, so that neither it nor this process is held up. */
const MOST_LOGINS_THROUGH_A_JUMP_HOST = 32;

const turnsThrough = new Turns(MOST_LOGINS_THROUGH_A_JUMP_HOST);
const jumpHosts = new JumpHosts();

export interface DialOptions {
  /** A command that may be under way already when `openShell` asks for it. */
  firstCommand?: string;
  /**
   * True for a login that has to prove that one is possible now: no part of the way is older, it goes ahead of others
   * that wait for the same server, and waiting counts among the limit. Default false.
   */
  isProof?: boolean;
}

/**
 * Reaches the server, verifies its key and logs in. Logins at one server, or through one jump host, take turns; what a
 * server drops because it has too many is tried again. A jump host is logged in to once for all who need it at the same
 * time; that connection ends with the last of theirs.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function dial(target: SshTarget, signal: AbortSignal, options: DialOptions = {}): Promise<SshConnection> {
  signal.throwIfAborted();
  const { jumpHost, dialLimitSeconds, ...server } = target;
  const { isProof = false, firstCommand } = options;
  const limit = isProof ? limitFromNow(dialLimitSeconds) : dialLimitSeconds;
  const dialing = { signal, limit, ...(firstCommand !== undefined && { firstCommand }) };
  if (!jumpHost) return await dialServer(server, dialing);
  // Whoever waits for a turn has the jump host already: where it refuses, it is asked once for all of them.
  const lease = await reach(jumpHost, limit, signal);
  try {
    const by = `${jumpHost.address}:${jumpHost.port}`;
    const end = await takeTurn(turnsThrough, by, limit, signal);
    try {
      const open = (until: AbortSignal) => leadOn(lease.connection, server, until);
      const connection = await dialServer(server, { ...dialing, by, open });
      connection.onceEnded(lease.giveBack);
      return connection;
    } finally {
      end();
    }
  } catch (error) {
    lease.giveBack();
    throw error;
  }
}

/** A connection to the jump host: one that others use, too, unless the limit is running, for then it has to be new. */
async function reach(host: SshServerLogin, limit: Limit | number, signal: AbortSignal): Promise<JumpLease> {
  const isNew = typeof limit !== "number";
  const take = (until: AbortSignal) =>
    jumpHosts.take(host, until, isNew, (ending, onTurn) => dialServer(host, { signal: ending, limit, onTurn }));
  return await withinIfRunning(limit, signal, take).catch((error: unknown) => {
    throw error instanceof SshFailure ? error.ofJumpHost() : error;
  });
}

/** Opens a way from the jump host to the server. */
async function leadOn(jump: SshConnection, server: SshServerLogin, signal: AbortSignal): Promise<Duplex> {
  const opening = jump.forward(server.address, server.port);
  return await unlessAborted(opening, signal).catch((error: unknown) => {
    opening.then(
      (late) => late.destroy(),
      () => "there is none",
    );
    throw error instanceof SshFailure && error.kind !== "unreachable" ? error.ofJumpHost() : error;
  });
}
