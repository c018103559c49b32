// Written by `npm run docs` from the schemas; change the schema, not this file.
import type * as pulumi from "@pulumi/pulumi";
import type { SpsClusterOutputs as Outputs } from "../../../provider/resources/sps-cluster/schema";
import { SafeguardResource } from "../resource";

/**
 * A cluster of Safeguard for Privileged Sessions (SPS) nodes under one Central Management node. A single node is a
 * cluster, too. Promotion and joining cannot be undone through the API of the appliance: deleting the resource only
 * removes it from the state, and a member that the program no longer names stays a member, which the preview reports.
 * Nodes are recognized by their ids, so a changed address moves a node. Before anything is changed, the update fails
 * for nodes of another cluster, for nodes with differing firmware, and for a node that would change from search-local
 * to search-minion in a cluster that is joined to SPP.
 */
export abstract class SpsClusterOutputs extends SafeguardResource {
  /** Node id of the Central Management node, as the appliance reports it. */
  declare public readonly clusterId: pulumi.Output<Outputs["clusterId"]>;
  /** Firmware version of the Central Management node. All nodes run the same. */
  declare public readonly version: pulumi.Output<Outputs["version"]>;
  /**
   * The nodes of the cluster, the Central Management node first. An unreachable node stays listed with what the cluster
   * reports of it.
   */
  declare public readonly nodes: pulumi.Output<Outputs["nodes"]>;
  /**
   * The steps that lead to the cluster, in order; known in previews, where completed steps are left out. A refresh
   * drops steps whose result is gone.
   */
  declare public readonly steps: pulumi.Output<Outputs["steps"]>;
}

/** Every output as undefined: a dynamic resource has only the outputs that its inputs name. */
export const outputs = {
  clusterId: undefined,
  version: undefined,
  nodes: undefined,
  steps: undefined,
};

/** Paths of the inputs that are secret; `[]` stands for every element. */
export const secrets: readonly string[] = ["centralManagement.password", "members[].connection.password", "proveFirst"];
