import type { OperationContext } from "../core/context";
import { JOIN_PHASES, type JoinPhase, type JoinReadings, type JoinRecord } from "./outputs";

/** The record of a running join, and its progress lines. */
export class JoinProgress {
  readonly record: JoinRecord;
  /** Ids of both appliances, recorded as soon as they are known: a later read may fail after a change. */
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

  /** Begins a phase; `text` describes its work or its end condition. */
  enter(phase: JoinPhase, text: string): void {
    this.record.phase = phase;
    const number = JOIN_PHASES.indexOf(phase) + 1;
    const elapsed = Math.round((Date.now() - this.started) / 1000);
    const { log } = this.context;
    const line = `${this.title}: ${number}/${JOIN_PHASES.length} ${phase}: ${text} (${elapsed} s so far)`;
    if (phase === "verified") log.result(line);
    else log.info(line);
  }
}
