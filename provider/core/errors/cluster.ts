import type { ErrorEntries } from "./entry";

/** Clusters of SPS nodes. */
export const CLUSTER_ERRORS = {
  SG1201: {
    kind: "state",
    title: "different firmware",
    cause: "a node runs another firmware version than the Central Management node",
    remedy: "upgrade all nodes to the same version first",
  },
  SG1202: {
    kind: "timeout",
    title: "SPS did not answer in time",
    cause: "the node did not accept requests again within the limit, as it should after a commit",
    remedy: "check the load and the log of the node, then run pulumi up again: it continues from here",
  },
  SG1203: {
    kind: "conflict",
    title: "managed by another node",
    cause: "the node belongs to another cluster, or is no longer the Central Management node of its own",
    remedy: "remove the node from the other cluster, or point centralManagement at the node that manages it",
  },
  SG1204: {
    kind: "busy",
    title: "SPS configuration locked",
    cause: "another administrator or program holds the configuration lock of the node",
    remedy: "let the other administrator leave the configuration pages, then run pulumi up again",
  },
  SG1205: {
    kind: "input",
    title: "no such address on the node",
    cause: "the address that the cluster interface should listen on is none of the node's addresses",
    remedy: "set listenAddress to one of the node's addresses",
  },
  SG1206: {
    kind: "refused",
    title: "cluster interface not kept",
    cause: "SPS accepted the change of its cluster interface, and does not show it",
    remedy: "enable it at Basic Settings > Local Services > Cluster interface, then run pulumi up again",
  },
  SG1207: {
    kind: "timeout",
    title: "promotion not finished in time",
    cause: "the node did not take the Central Management role within the limit",
    remedy: "open Basic Settings > Cluster management on the node, then run pulumi up again",
  },
  SG1208: {
    kind: "refused",
    title: "roles not kept",
    cause: "the cluster accepted roles or an address of a node, and shows others",
    remedy: "choose roles and an address this firmware allows together",
  },
  SG1209: {
    kind: "outcome",
    title: "accepted node not listed",
    cause: "the cluster accepted a node and does not list it",
    remedy: "run pulumi up again; if the failure stays, open Basic Settings > Cluster management",
  },
  SG1210: {
    kind: "timeout",
    title: "nodes not synchronized in time",
    cause: "a node did not take over the configuration of the Central Management node within the limit",
    remedy: "open Basic Settings > Cluster management for the issues of the node, then run pulumi up again",
  },
  SG1212: {
    kind: "refused",
    title: "role change would lose recordings",
    cause: "after the join to SPP, a change from search-local to search-minion loses access to the node's recordings",
    remedy:
      "keep search-local; if the recordings may be lost, change the role at Basic Settings > Cluster management and run pulumi refresh",
  },
  SG1213: {
    kind: "input",
    title: "node named twice",
    cause: "two connections of the program lead to the same node",
    remedy: "name every node once",
  },
  SG1214: {
    kind: "refused",
    title: "request to join the cluster refused",
    cause: "a node refused to ask for its admission to the cluster, often because an earlier request is still open",
    remedy: "cancel the open request at Basic Settings > Cluster management of that node, then run pulumi up again",
  },
} as const satisfies ErrorEntries;
