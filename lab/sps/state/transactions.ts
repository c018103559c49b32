import type { FaultSwitches } from "../../common/faults";
import type { SpsVariant } from "../variant";
import { SpsRefusal, semanticError } from "./errors";
import type { Session, Sessions } from "./sessions";
import type { ConfigurationStore, MutableView, View, WorkingCopy } from "./store";

/**
 * Opening, committing and rolling back. Each session has at most one transaction; whether two sessions may have one at
 * the same time is a matter of version.
 */
export class Transactions {
  constructor(
    private readonly store: ConfigurationStore,
    private readonly sessions: Sessions,
    private readonly variant: SpsVariant,
    private readonly faults: FaultSwitches,
    /** Checks the whole configuration at commit; throws a refusal. */
    private readonly validate: (view: View) => void,
  ) {}

  /** What a session sees: its own working copy while a transaction is open, otherwise what is in force. */
  view(session: Session): View {
    return session.transaction ?? this.store;
  }

  /** Where a session's change goes. Opens a transaction where the version does so by itself. */
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

  /** Puts the session's changes in force and returns the paths they touched. A refused commit leaves it open. */
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

  /** How many sessions have an open transaction. */
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
