import type { LabClock } from "../../common/clock";
import type { FaultSwitches } from "../../common/faults";
import { refusals } from "../api-error";

/** `ClusterOperationStatus` of the API: the running cluster operation. */
export interface ClusterOperationStatus {
  Operation: "None" | "JoinSessionsModule" | "AuditLogSync";
  OwnerId: string | null;
  Started: string | null;
  Nodes: { NodeId: string }[];
}

/** Allows only one cluster operation at a time. */
export class ClusterLock {
  private joinStarted: Date | undefined;

  constructor(
    private readonly clock: LabClock,
    private readonly faults: FaultSwitches,
    private readonly applianceId: string,
  ) {}

  /** @throws ApiError 60910 while another operation runs. */
  acquire(): void {
    if (this.status().Operation !== "None") throw refusals.operationPending();
    this.joinStarted = this.clock.now();
  }

  release(): void {
    this.joinStarted = undefined;
  }

  status(): ClusterOperationStatus {
    const foreign = this.faults.has("spp-operation-running");
    const started = foreign ? this.clock.now() : this.joinStarted;
    if (!started) return { Operation: "None", OwnerId: null, Started: null, Nodes: [] };
    return {
      Operation: foreign ? "AuditLogSync" : "JoinSessionsModule",
      OwnerId: this.applianceId,
      Started: started.toISOString(),
      Nodes: [{ NodeId: this.applianceId }],
    };
  }
}
