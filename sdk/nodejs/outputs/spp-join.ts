// Written by `npm run docs` from the schemas; change the schema, not this file.
import type * as pulumi from "@pulumi/pulumi";
import type { SppJoinOutputs as Outputs } from "../../../provider/resources/spp-join/schema";
import { SafeguardResource } from "../resource";

/**
 * The join of an SPS cluster to Safeguard for Privileged Passwords (SPP). It cannot be undone: the class sets
 * `protect`, the program acknowledges the join by naming both appliances, and deleting fails unless `onDelete` allows
 * it. At most one join request is sent.
 */
export abstract class SppJoinOutputs extends SafeguardResource {
  /** Node id of the Central Management node, by which SPP knows the cluster. */
  declare public readonly nodeId: pulumi.Output<Outputs["nodeId"]>;
  /** Id of the SPP appliance. */
  declare public readonly sppApplianceId: pulumi.Output<Outputs["sppApplianceId"]>;
  /** Id of the entry on SPP (session module); 0 without an entry. */
  declare public readonly connectionId: pulumi.Output<Outputs["connectionId"]>;
  /** When SPP created its entry, ISO 8601; empty without an entry. */
  declare public readonly joinedAt: pulumi.Output<Outputs["joinedAt"]>;
  /** What SPS reports of the join. */
  declare public readonly spsStatus: pulumi.Output<Outputs["spsStatus"]>;
  /** What SPP reports of the join. */
  declare public readonly sppStatus: pulumi.Output<Outputs["sppStatus"]>;
  /** Names of the objects that SPS created at the join. */
  declare public readonly policies: pulumi.Output<Outputs["policies"]>;
  /** `joined` when both sides agree, otherwise the problem. */
  declare public readonly health: pulumi.Output<Outputs["health"]>;
  /** Problems that need a manual fix, one sentence each. */
  declare public readonly drift: pulumi.Output<Outputs["drift"]>;
  /** The phase that was started last; `verified` when the join is complete. */
  declare public readonly phase: pulumi.Output<Outputs["phase"]>;
  /** When the last incomplete join was requested, by SPP's clock, ISO 8601; empty otherwise. */
  declare public readonly lastAttemptAt: pulumi.Output<Outputs["lastAttemptAt"]>;
  /** Id of the SPP backup that was created or found before the join; empty when none was required. */
  declare public readonly sppBackupId: pulumi.Output<Outputs["sppBackupId"]>;
  /** Key of the system backup policy of SPS; empty when none was required. */
  declare public readonly spsBackupPolicy: pulumi.Output<Outputs["spsBackupPolicy"]>;
  /** The steps of the join, in order; known in previews, where an existing join needs none. */
  declare public readonly steps: pulumi.Output<Outputs["steps"]>;
}

/** Every output as undefined: a dynamic resource has only the outputs that its inputs name. */
export const outputs = {
  nodeId: undefined,
  sppApplianceId: undefined,
  connectionId: undefined,
  joinedAt: undefined,
  spsStatus: undefined,
  sppStatus: undefined,
  policies: undefined,
  health: undefined,
  drift: undefined,
  phase: undefined,
  lastAttemptAt: undefined,
  sppBackupId: undefined,
  spsBackupPolicy: undefined,
  steps: undefined,
};

/** Paths of the inputs that are secret; `[]` stands for every element. */
export const secrets: readonly string[] = ["sps.password", "spp.password", "proveFirst"];
