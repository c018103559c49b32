import type { FaultSwitches } from "../../common/faults";
import type { SpsVariant } from "../variant";
import { SpsRefusal, semanticError } from "./errors";
import type { Session, Sessions } from "./sessions";
import type { ConfigurationStore, MutableView, View, WorkingCopy } from "./store";

/**
 * Opens, commits and rolls back transactions. A session has at most one. The firmware version decides whether several
 * sessions may have one at the same time.
 */
export class Transactions {
  constructor(
    private readonly store: ConfigurationStore,
    private readonly sessions: Sessions,
    private readonly variant: SpsVariant,
    private readonly faults: FaultSwitches,
    /** Checks the whole configuration at commit. @throws SpsRefusal */
    private readonly validate: (view: View) => void,
  ) {}

  /** The configuration that a session sees: its working copy, or the committed configuration without a transaction. */
  view(session: Session): View {
    return session.transaction ?? this.store;
  }

  /** The working copy for a change. Opens a transaction when the firmware version does so implicitly. */
  writable(session: Session): MutableView {
    if (session.transaction) return session.transaction;
    if (this.variant.transactionOpening === "explicit") {
      throw new SpsRefusal(400, "TransactionRequired", "Open a transaction before changing the configuration.");
    }
    return this.begin(session);
  }

  open(session: Session): void {
    if (session.transaction && this.variant.openTwice === "refused") {
      throw new SpsRefusal(400, "TransactionAlreadyOpen", "This session already has an open transaction.");
    }
    if (!session.transaction) this.begin(session);
  }

  /** Commits the changes of a session. @returns the changed paths. @throws SpsRefusal; the transaction stays open. */
  commit(session: Session): string[] {
    const copy = session.transaction;
    if (!copy) throw semanticError("There is no open transaction to commit.");
    if (this.faults.has("sps-locked")) throw this.locked();
    const conflicts = this.variant.commitConflict === "refused" ? this.store.conflicts(copy) : [];
    if (conflicts.length > 0) {
      throw new SpsRefusal(409, "CommitConflict", "The configuration was changed by another transaction.", {
        paths: conflicts,
      });
    }
    this.validate(this.store.merged(copy));
    session.transaction = undefined;
    return this.store.apply(copy);
  }

  rollBack(session: Session): void {
    session.transaction = undefined;
  }

  /** Number of open transactions. */
  openCount(): number {
    return this.sessions.active().filter((session) => session.transaction !== undefined).length;
  }

  private begin(session: Session): WorkingCopy {
    if (this.faults.has("sps-locked")) throw this.locked();
    const other = this.sessions.active().find((active) => active !== session && active.transaction !== undefined);
    if (other && this.variant.writers === "exclusive") throw this.locked();
    session.transaction = this.store.open();
    return session.transaction;
  }

  private locked(): SpsRefusal {
    const text = "Another administrator holds the lock.";
    return new SpsRefusal(this.variant.lockStatus, "ConfigurationLocked", text, {});
  }
}
