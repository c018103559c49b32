import { z } from "zod";
import { applianceConnection } from "../../core/connection";
import { access, ipv4, listOf, oneOf, otherInputs, secret, unknownOr, wholeNumber } from "../../core/fields";
import { PREFLIGHT_MODES } from "../../core/settings";
import type { Known } from "../../core/unknown";
import type { RouterRedirectionInputs } from "../router-redirection/schema";
import type { SppJoinInputs } from "../spp-join/schema";

export const SEARCH_ROLES = ["search-local", "search-master", "search-minion"] as const;
export type SearchRole = (typeof SEARCH_ROLES)[number];

const listenAddress = ipv4(
  "IPv4 address of the node's cluster service, through which the other nodes reach it. Default: the address of the connection, resolved to IPv4.",
);

/** A node other than the Central Management node. */
export const memberSchema = z.strictObject({
  connection: unknownOr(applianceConnection, "How to reach the node."),
  listenAddress: listenAddress.optional(),
  searchRole: oneOf(
    SEARCH_ROLES,
    "Search role of the node. Default: search-minion in a cluster with a search master, otherwise search-local.",
  ).optional(),
});

export const spsClusterSchema = z.strictObject({
  centralManagement: unknownOr(
    applianceConnection,
    "The Central Management node. A node that is none yet is promoted, which cannot be undone.",
  ),
  listenAddress: listenAddress.optional(),
  searchRole: oneOf(
    SEARCH_ROLES,
    "Search role of the Central Management node. A search master cannot record sessions.",
  ).default("search-local"),
  members: listOf(
    unknownOr(memberSchema, "A node besides the Central Management node."),
    "The other nodes. They take over the whole configuration of the Central Management node.",
    0,
  ).default([]),
  preflight: access(
    oneOf(
      PREFLIGHT_MODES,
      "Preflight of the nodes in the preview of a new or extended cluster. enforce: a node that cannot take part fails the preview. report: warns only. off: skips it. Default: the setting safeguard:preflight, otherwise enforce.",
    ),
  ).optional(),
  proveFirst: secret(
    access(
      unknownOr(
        z.strictObject({
          join: otherInputs<Omit<SppJoinInputs, "sps" | "clusterId"> & Partial<Pick<SppJoinInputs, "sps">>>(
            "Inputs of the SppJoin of this cluster, without clusterId; sps is centralManagement unless set. Nothing is changed when its preflight fails.",
          ).optional(),
          routers: otherInputs<Record<string, RouterRedirectionInputs>>(
            "Inputs of RouterRedirections, by name. Nothing is changed when a router would refuse them.",
          ).optional(),
          routerUrns: otherInputs<Record<string, string>>(
            "URNs of these RouterRedirections, by name: what they own already is no obstacle. Without its URN, a redirection that exists counts as its own.",
          ).optional(),
        }),
        "Later steps of the program to check before the Central Management node is promoted, which cannot be undone. Used only then, and not recorded. Site sets it.",
      ),
    ),
  ).optional(),
  timeouts: access(
    unknownOr(
      z.strictObject({
        stepSeconds: wholeNumber(1, 3600, "Limit of each step, in seconds.").default(120),
        synchronizationSeconds: wholeNumber(
          1,
          7200,
          "Limit of the wait until all members have the configuration of the Central Management node, in seconds.",
        ).default(300),
      }),
      "Limits of the waits.",
    ).prefault({}),
  ),
});

const node = z.object({
  nodeId: z.string().describe("Id of the node in the cluster."),
  address: z.string().describe("IPv4 address of its cluster service."),
  hostName: z.string().describe("Host name; empty where the cluster does not report it."),
  roles: z.array(z.string()).describe("Roles of the node, sorted."),
  synchronized: z
    .boolean()
    .describe("True for the Central Management node, and for a member with its newest configuration."),
  lastSeen: z
    .string()
    .optional()
    .describe("When the node last reported to the Central Management node, ISO 8601; absent for that node itself."),
  reachable: z
    .boolean()
    .describe(
      "Whether the node answered when the state was read. For a node that the program does not name: whether it reported to the Central Management node within the last minute.",
    ),
  version: z
    .string()
    .optional()
    .describe("Firmware version; the last known one while the node is unreachable, absent when it was never known."),
});

/** Outputs of the resource besides its inputs. */
export const spsClusterOutputs = z.object({
  clusterId: z.string().describe("Node id of the Central Management node, as the appliance reports it."),
  version: z.string().describe("Firmware version of the Central Management node. All nodes run the same."),
  nodes: z
    .array(node)
    .describe(
      "The nodes of the cluster, the Central Management node first. An unreachable node stays listed with what the cluster reports of it.",
    ),
  steps: z
    .array(z.string())
    .describe(
      "The steps that lead to the cluster, in order; known in previews, where completed steps are left out. A refresh drops steps whose result is gone.",
    ),
});

/** Inputs of a program. */
export type SpsClusterInputs = z.input<typeof spsClusterSchema>;

/** Inputs that a state records. */
export const INPUT_KEYS = Object.keys(spsClusterSchema.shape).filter((key) => key !== "proveFirst");

/** Inputs after check. */
export type SpsClusterChecked = z.output<typeof spsClusterSchema>;

/** Checked inputs without unknown values, for create and update. */
export type SpsClusterKnown = Known<SpsClusterChecked>;

export type SpsClusterOutputs = z.output<typeof spsClusterOutputs>;

/** A node as the cluster reports it. */
export type NodeOutput = SpsClusterOutputs["nodes"][number];

export type SpsClusterState = SpsClusterKnown & SpsClusterOutputs;
