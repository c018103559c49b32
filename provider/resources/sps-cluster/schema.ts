import { z } from "zod";
import { applianceConnection } from "../../core/connection";
import { access, ipv4, listOf, oneOf, unknownOr, wholeNumber } from "../../core/fields";
import type { Known } from "../../core/unknown";

export const SEARCH_ROLES = ["search-local", "search-master", "search-minion"] as const;
export type SearchRole = (typeof SEARCH_ROLES)[number];

const listenAddress = ipv4(
  "Address of the node that its cluster service listens on, and that the other nodes reach it at. Default: the address of the connection, resolved to IPv4.",
);

/** A node besides the Central Management node. */
const member = z.strictObject({
  connection: unknownOr(applianceConnection, "How to reach the node."),
  listenAddress: listenAddress.optional(),
  searchRole: oneOf(
    SEARCH_ROLES,
    "Where its recordings are searched. Default: search-minion when the cluster has a search master, else search-local.",
  ).optional(),
});

export const spsClusterSchema = z.strictObject({
  centralManagement: unknownOr(applianceConnection, "The node that becomes, or is, the Central Management node."),
  listenAddress: listenAddress.optional(),
  searchRole: oneOf(
    SEARCH_ROLES,
    "Search role of the Central Management node. A search master cannot record sessions. Default search-local.",
  ).default("search-local"),
  members: listOf(
    unknownOr(member, "A node besides the Central Management node."),
    "The other nodes. They take over the whole configuration of the Central Management node.",
    0,
  ).default([]),
  timeouts: access(
    unknownOr(
      z.strictObject({
        stepSeconds: wholeNumber(1, 3600, "Limit of every single step, in seconds. Default 120.").default(120),
        synchronizationSeconds: wholeNumber(
          1,
          7200,
          "Limit of the wait until all members have the configuration of the Central Management node, in seconds. Default 300.",
        ).default(300),
      }),
      "Limits of the waits.",
    ).prefault({}),
  ),
});

/** What a user may write. */
export type SpsClusterInputs = z.input<typeof spsClusterSchema>;

/** Names of the inputs. */
export const INPUT_KEYS = Object.keys(spsClusterSchema.shape);

/** Inputs after check. */
export type SpsClusterChecked = z.output<typeof spsClusterSchema>;

/** Checked inputs with nothing unknown: what create and update get. */
export type SpsClusterKnown = Known<SpsClusterChecked>;

/** A node as the cluster reports it. */
export interface NodeOutput {
  nodeId: string;
  /** IPv4 address of its cluster service. */
  address: string;
  hostName: string;
  roles: string[];
  /** True when it has the newest configuration of the Central Management node, or is that node. */
  synchronized: boolean;
  /** When it last reported to the Central Management node, ISO 8601; absent for that node itself. */
  lastSeen?: string;
  /**
   * Whether it answered when the state was read; for a node the program does not name, whether it reported to the
   * Central Management node within the last minute.
   */
  reachable: boolean;
  /** Its firmware version, as it told itself; the last known one while it is not reachable, absent when never known. */
  version?: string;
}

export interface SpsClusterState extends SpsClusterKnown {
  /** Node id of the Central Management node, as the appliance itself reports it. */
  clusterId: string;
  /** Firmware version of the Central Management node; all nodes have to run the same. */
  version: string;
  nodes: NodeOutput[];
  /** The steps that lead to the cluster, in order; a refresh leaves out those whose outcome is gone. */
  steps: string[];
}
