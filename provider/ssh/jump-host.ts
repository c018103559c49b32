import { createHash } from "node:crypto";
import type { SshConnection } from "./connection";
import { unlessAborted } from "./limits";
import type { SshServerLogin } from "./target";

/** Logs in to a jump host; calls back when the login really begins. */
export type DialJumpHost = (signal: AbortSignal, onTurn: () => void) => Promise<SshConnection>;

/** A connection to a jump host that several may use. */
interface Shared {
  users: number;
  connection: Promise<SshConnection>;
  /** Set once it is there. */
  opened?: SshConnection;
  /** Ends the login when nobody waits for it any more. */
  abort: AbortController;
}

/** A way through a jump host; whoever took it gives it back. */
export interface JumpLease {
  connection: SshConnection;
  /** To be called once the way is not used any more; the last one closes the connection. */
  giveBack(): void;
}

/** Connections to jump hosts: one for all who are on their way at the same time, closed when the last one is done. */
export class JumpHosts {
  private readonly open = new Map<string, Shared>();
  /** Logins that have not begun yet, for those who may not use an older connection. */
  private readonly awaited = new Map<string, Shared>();

  /**
   * A connection to the jump host. `isNew` asks for one that is begun only after this call: an older one would prove
   * nothing about what happened meanwhile.
   * @throws what `dial` throws; the abort reason of `signal`.
   */
  async take(host: SshServerLogin, signal: AbortSignal, isNew: boolean, dial: DialJumpHost): Promise<JumpLease> {
    signal.throwIfAborted();
    const key = createHash("sha256").update(JSON.stringify(host)).digest("hex");
    const pool = isNew ? this.awaited : this.open;
    const there = pool.get(key);
    const isUsable = there !== undefined && (there.opened?.isOpen ?? true);
    const shared = isUsable ? there : begin(dial, (begun) => this.forget(key, begun, this.awaited));
    if (!isUsable) pool.set(key, shared);
    shared.users += 1;
    let isGivenBack = false;
    const giveBack = () => {
      if (isGivenBack) return;
      isGivenBack = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      this.forget(key, shared, this.open, this.awaited);
      shared.abort.abort();
      shared.opened?.close();
    };
    try {
      return { connection: await unlessAborted(shared.connection, signal), giveBack };
    } catch (error) {
      // Others who wait would meet the same failure; who comes later tries anew.
      if (!signal.aborted) this.forget(key, shared, this.open);
      giveBack();
      throw error;
    }
  }

  private forget(key: string, shared: Shared, ...pools: Map<string, Shared>[]): void {
    for (const pool of pools) if (pool.get(key) === shared) pool.delete(key);
  }
}

function begin(dial: DialJumpHost, onTurn: (begun: Shared) => void): Shared {
  const abort = new AbortController();
  const connection = dial(abort.signal, () => onTurn(shared));
  const shared: Shared = { users: 0, abort, connection };
  shared.connection.then(
    (connection) => {
      shared.opened = connection;
      if (abort.signal.aborted) connection.close();
    },
    () => "told to whoever waits",
  );
  return shared;
}
