import * as pulumi from "@pulumi/pulumi";
import { sppJoinStub } from "../../provider/dynamic/stubs";
import type { SppJoinInputs, SppJoinState } from "../../provider/resources/spp-join/schema";
import { type InputMembers, secretConnection } from "./inputs";

/** Arguments of SppJoin; see docs/resources/spp-join.md for every field. */
export type SppJoinArgs = InputMembers<SppJoinInputs>;

/**
 * The join of an SPS cluster to Safeguard for Privileged Passwords. It cannot be undone: the class sets `protect`
 * unless told otherwise, the program has to acknowledge it by naming both appliances, and deleting is refused.
 */
export class SppJoin extends pulumi.dynamic.Resource {
  /** Node id of the Central Management node, by which SPP knows the cluster. */
  declare public readonly nodeId: pulumi.Output<string>;
  declare public readonly sppApplianceId: pulumi.Output<string>;
  /** Id of the session module on SPP. */
  declare public readonly connectionId: pulumi.Output<number>;
  /** When SPP made its entry, ISO 8601. */
  declare public readonly joinedAt: pulumi.Output<string>;
  /** The connection to SPS, and beside it whether SPS has made its side of the join, and its version. */
  declare public readonly sps: pulumi.Output<SppJoinState["sps"]>;
  /** The connection to SPP, and beside it what SPP says of the node, its own version and its certificate. */
  declare public readonly spp: pulumi.Output<SppJoinState["spp"]>;
  /** Names of the objects that SPS made at the join. */
  declare public readonly policies: pulumi.Output<string[]>;
  /** `joined`, or what is amiss. */
  declare public readonly health: pulumi.Output<SppJoinState["health"]>;
  /** What a person should look at although no update is needed; one sentence each. */
  declare public readonly drift: pulumi.Output<string[]>;
  /** How far the join came; `verified` when it is done. */
  declare public readonly phase: pulumi.Output<SppJoinState["phase"]>;
  /** When a join request was sent that did not end in a join, by SPP's clock; empty else. */
  declare public readonly lastAttemptAt: pulumi.Output<string>;
  /** Id of the SPP backup that was made or found before the join; empty when none was asked for. */
  declare public readonly sppBackupId: pulumi.Output<string>;
  /** Key of the policy by which SPS backs itself up; empty when it was not asked for. */
  declare public readonly spsBackupPolicy: pulumi.Output<string>;
  /** What was or will be done, in order. */
  declare public readonly steps: pulumi.Output<string[]>;

  constructor(name: string, args: SppJoinArgs, options?: pulumi.CustomResourceOptions) {
    super(
      sppJoinStub,
      name,
      {
        ...args,
        sps: secretConnection(args.sps),
        spp: secretConnection(args.spp),
        nodeId: undefined,
        sppApplianceId: undefined,
        connectionId: undefined,
        joinedAt: undefined,
        policies: undefined,
        health: undefined,
        drift: undefined,
        phase: undefined,
        lastAttemptAt: undefined,
        sppBackupId: undefined,
        spsBackupPolicy: undefined,
        steps: undefined,
      },
      { ...options, protect: options?.protect ?? true },
      "safeguard",
      "SppJoin",
    );
  }
}
