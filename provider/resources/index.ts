import type { ResourceDefinition } from "./definition";
import { joinGuard } from "./join-guard/operations";
import { type JoinGuardKnown, type JoinGuardState, joinGuardOutputs, joinGuardSchema } from "./join-guard/schema";
import { routerRedirection } from "./router-redirection/operations";
import {
  type RouterRedirectionKnown,
  type RouterRedirectionState,
  routerRedirectionOutputs,
  routerRedirectionSchema,
} from "./router-redirection/schema";
import { sppJoin } from "./spp-join/operations";
import { type SppJoinKnown, type SppJoinState, sppJoinOutputs, sppJoinSchema } from "./spp-join/schema";
import { spsCluster } from "./sps-cluster/operations";
import { type SpsClusterKnown, type SpsClusterState, spsClusterOutputs, spsClusterSchema } from "./sps-cluster/schema";

const cluster: ResourceDefinition<SpsClusterKnown, SpsClusterState> = {
  name: "SpsCluster",
  description:
    "A cluster of Safeguard for Privileged Sessions (SPS) nodes under one Central Management node. A single node is a cluster, too. " +
    "Promotion and joining cannot be undone through the API of the appliance: deleting the resource only removes it from the state, and a member " +
    "that the program no longer names stays a member, which the preview reports. Nodes are recognized by their ids, so a changed " +
    "address moves a node. Before anything is changed, the update fails for nodes of another cluster, for nodes with differing firmware, " +
    "and for a node that would change from search-local to search-minion in a cluster that is joined to SPP.",
  inputs: spsClusterSchema,
  outputs: spsClusterOutputs,
  operations: spsCluster,
  previewedOutputs: ["steps"],
};

const join: ResourceDefinition<SppJoinKnown, SppJoinState> = {
  name: "SppJoin",
  description:
    "The join of an SPS cluster to Safeguard for Privileged Passwords (SPP). It cannot be undone: the class sets `protect`, the program " +
    "acknowledges the join by naming both appliances, and deleting fails unless `onDelete` allows it. At most one join request is sent.",
  inputs: sppJoinSchema,
  outputs: sppJoinOutputs,
  operations: sppJoin,
  previewedOutputs: ["steps"],
};

const redirection: ResourceDefinition<RouterRedirectionKnown, RouterRedirectionState> = {
  name: "RouterRedirection",
  description:
    "The redirection of chosen TCP traffic through SPS on one router. The platforms are linux, cisco-ios, sophos-utm and check-point.",
  inputs: routerRedirectionSchema,
  outputs: routerRedirectionOutputs,
  operations: routerRedirection,
  previewedOutputs: ["rules"],
};

const guard: ResourceDefinition<JoinGuardKnown, JoinGuardState> = {
  name: "JoinGuard",
  description:
    "Refuses a deletion that the join would refuse, before anything is touched. Pulumi deletes the dependents of a join first: without a guard, " +
    "a refused `pulumi destroy` has already removed the redirections. The guard depends on the join and on its dependents, so it is created last " +
    "and deleted first. It contacts no appliance. A Site has one; beside the plain classes, create one with `new JoinGuard(name, { join, dependents })`, " +
    "which fills in the inputs.",
  inputs: joinGuardSchema,
  outputs: joinGuardOutputs,
  operations: joinGuard,
  previewedOutputs: [],
};

/** Every resource, by its name. */
export const resources = {
  SpsCluster: cluster,
  SppJoin: join,
  RouterRedirection: redirection,
  JoinGuard: guard,
} as const;
