import type { OperationContext } from "../core/context";
import type { JoinReadings } from "./sides";

/** Where a join stands, in order. A join that stopped half-way is recorded with the phase it stopped in. */
export const JOIN_PHASES = [
  "examine",
  "cool down",
  "prove",
  "back up",
  "read certificate chain",
  "unlink",
  "request",
  "listed",
  "trusted",
  "policies",
  "synchronized",
  "verified",
] as const;

export type JoinPhase = (typeof JOIN_PHASES)[number];

/** What is recorded of the way to a join, so that another run can go on and nothing is done twice. */
export interface JoinRecord {
  /** The phase that was begun last; `verified` when the join is done. */
  phase: JoinPhase;
  /** When the join request was sent, by SPP's clock, ISO 8601; empty once the join is done, or before it was sent. */
  lastAttemptAt: string;
  /** Id of the SPP backup that was made or found for this join; empty when none was asked for. */
  sppBackupId: string;
  /** Key of the policy by which SPS backs itself up; empty when it was not asked for. */
  spsBackupPolicy: string;
}

export const NOTHING_RECORDED: JoinRecord = {
  phase: "examine",
  lastAttemptAt: "",
  sppBackupId: "",
  spsBackupPolicy: "",
};

/** The record while it is made, and the lines that tell of it. */
export class JoinProgress {
  readonly record: JoinRecord;
  /** Who the two appliances are, as soon as they have said so: perhaps neither can be asked once something was done. */
  identities: Partial<Pick<JoinReadings, "nodeId" | "sppApplianceId">> = {};
  private readonly started = Date.now();

  constructor(
    private readonly title: string,
    private readonly context: OperationContext,
    recorded: JoinRecord,
  ) {
    const { lastAttemptAt, sppBackupId, spsBackupPolicy } = recorded;
    this.record = { phase: "examine", lastAttemptAt, sppBackupId, spsBackupPolicy };
  }

  /** Begins a phase; `text` says what is done in it, or until when it lasts. */
  enter(phase: JoinPhase, text: string): void {
    this.record.phase = phase;
    const number = JOIN_PHASES.indexOf(phase) + 1;
    const elapsed = Math.round((Date.now() - this.started) / 1000);
    this.context.log.info(`${this.title}: ${number}/${JOIN_PHASES.length} ${phase}: ${text} (${elapsed} s so far)`);
  }
}
