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
  /** The connection to SPS, and whether SPS has made its side of the join. */
  declare public readonly sps: pulumi.Output<SppJoinState["sps"]>;
  /** The connection to SPP, and whether SPP lists and trusts the node and holds its certificate user. */
  declare public readonly spp: pulumi.Output<SppJoinState["spp"]>;
  /** Names of the objects that SPS made at the join. */
  declare public readonly policies: pulumi.Output<string[]>;
  /** `joined`, or what is amiss. */
  declare public readonly health: pulumi.Output<SppJoinState["health"]>;
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
        steps: undefined,
      },
      { ...options, protect: options?.protect ?? true },
      "safeguard",
      "SppJoin",
    );
  }
}
