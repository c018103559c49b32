import { createHash } from "node:crypto";
import type { SshConnection } from "../connection";
import type { SshServerLogin } from "../target";
import { unlessAborted } from "./limits";

/** Logs in to a jump host; calls back when the login begins. */
export type DialJumpHost = (signal: AbortSignal, onTurn: () => void) => Promise<SshConnection>;

/** A connection to a jump host that several may use. */
interface Shared {
  users: number;
  connection: Promise<SshConnection>;
  /** Set once the login succeeded. */
  opened?: SshConnection;
  /** Cancels the login when no user is left. */
  abort: AbortController;
}

/** The use of a jump host's connection, to be released. */
export interface JumpLease {
  connection: SshConnection;
  /** Ends the use; the last user closes the connection. */
  release(): void;
}

/** Connections to jump hosts: concurrent users share one, and the last of them closes it. */
export class JumpHostPool {
  private readonly open = new Map<string, Shared>();
  /** Logins that have not begun yet, for users that must not share an older connection. */
  private readonly pending = new Map<string, Shared>();

  /**
   * A connection to the jump host. `isNew` demands a login that begins after this call: an older connection would not
   * prove that a login is possible now.
   * @throws what `dial` throws; the abort reason of `signal`.
   */
  async take(host: SshServerLogin, signal: AbortSignal, isNew: boolean, dial: DialJumpHost): Promise<JumpLease> {
    signal.throwIfAborted();
    const key = createHash("sha256").update(JSON.stringify(host)).digest("hex");
    const pool = isNew ? this.pending : this.open;
    const existing = pool.get(key);
    const isUsable = existing !== undefined && (existing.opened?.isOpen ?? true);
    const shared = isUsable ? existing : begin(dial, (begun) => this.forget(key, begun, this.pending));
    if (!isUsable) pool.set(key, shared);
    shared.users += 1;
    let isReleased = false;
    const giveBack = () => {
      if (isReleased) return;
      isReleased = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      this.forget(key, shared, this.open, this.pending);
      shared.abort.abort();
      shared.opened?.close();
    };
    try {
      return { connection: await unlessAborted(shared.connection, signal), release: giveBack };
    } catch (error) {
      // All who wait share this failure; later calls start a new login.
      if (!signal.aborted) this.forget(key, shared, this.open);
      giveBack();
      throw error;
    }
  }

  private forget(key: string, shared: Shared, ...pools: Map<string, Shared>[]): void {
    for (const pool of pools) if (pool.get(key) === shared) pool.delete(key);
  }
}

function begin(dial: DialJumpHost, onStart: (begun: Shared) => void): Shared {
  const abort = new AbortController();
  const connection = dial(abort.signal, () => onStart(shared));
  const shared: Shared = { users: 0, abort, connection };
  shared.connection.then(
    (connection) => {
      shared.opened = connection;
      if (abort.signal.aborted) connection.close();
    },
    () => {
      // Reported by the awaiting caller.
    },
  );
  return shared;
}
