import * as pulumi from "@pulumi/pulumi";
import { spsClusterStub } from "../../provider/dynamic/stubs";
import type { NodeOutput, SpsClusterInputs } from "../../provider/resources/sps-cluster/schema";
import { type InputMembers, isToCome, secretConnection } from "./inputs";

/** Arguments of SpsCluster; see docs/resources/sps-cluster.md for every field. */
export type SpsClusterArgs = InputMembers<SpsClusterInputs>;

/**
 * A cluster of Safeguard for Privileged Sessions nodes under one Central Management node. A single node is a full
 * case. Promoting a node and joining members cannot be undone: deleting the resource only drops its record.
 */
export class SpsCluster extends pulumi.dynamic.Resource {
  /** Node id of the Central Management node, as the appliance reports it. */
  declare public readonly clusterId: pulumi.Output<string>;
  /** Firmware version of the Central Management node; all nodes have to run the same. */
  declare public readonly version: pulumi.Output<string>;
  /** The nodes as the cluster reports them, the Central Management node first. */
  declare public readonly nodes: pulumi.Output<NodeOutput[]>;
  /** What was or will be brought about, in order. */
  declare public readonly steps: pulumi.Output<string[]>;

  constructor(name: string, args: SpsClusterArgs, options?: pulumi.CustomResourceOptions) {
    const { members } = args;
    super(
      spsClusterStub,
      name,
      {
        ...args,
        centralManagement: secretConnection(args.centralManagement),
        members: isToCome(members)
          ? pulumi.secret(members)
          : Array.isArray(members)
            ? members.map(secretMember)
            : members,
        clusterId: undefined,
        version: undefined,
        nodes: undefined,
        steps: undefined,
      },
      options,
      "safeguard",
      "SpsCluster",
    );
  }
}

function secretMember(member: unknown): unknown {
  if (member === null || typeof member !== "object" || isToCome(member)) return pulumi.secret(member);
  return "connection" in member ? { ...member, connection: secretConnection(member.connection) } : member;
}
