import { z } from "zod";
import { applianceConnection, sppConnection } from "../../core/connection";
import { unknownOr } from "../../core/fields";
import { joinReadings } from "../../join/outputs";

const sps = unknownOr(applianceConnection, "The Central Management node of the SPS cluster.");

const node = z.object({
  nodeId: z.string().describe("Id of the node in the cluster."),
  address: z.string().describe("IPv4 address of its cluster service."),
  hostName: z.string().describe("Host name; empty where the cluster does not report it."),
  roles: z.array(z.string()).describe("Roles of the node."),
  synchronized: z
    .boolean()
    .describe("True for the Central Management node, and for a member with its newest configuration."),
  problem: z.string().describe("Why it is not synchronized, such as `is pending`; empty when it is."),
  lastSeen: z
    .string()
    .optional()
    .describe("When it last reported to the Central Management node, ISO 8601; absent for that node itself."),
});

/** The function `getClusterStatus`, which reads an SPS cluster. */
export const getClusterStatusFunction = {
  name: "getClusterStatus",
  description:
    "Reads an SPS cluster from its Central Management node. Changes nothing. Fails where an appliance cannot be read.",
  inputs: z.strictObject({ sps }),
  outputs: z.object({
    clusterId: z.string().describe("Node id of the Central Management node; empty when the node is in no cluster."),
    version: z.string().describe("Firmware version of the Central Management node."),
    nodes: z.array(node).describe("The nodes of the cluster; none when the node is in no cluster."),
  }),
};

/** The function `getJoinStatus`, which reads the join of an SPS cluster and SPP from both sides. */
export const getJoinStatusFunction = {
  name: "getJoinStatus",
  description:
    "Reads the join of an SPS cluster and SPP from both sides. Changes nothing. Fails where an appliance cannot be read.",
  inputs: z.strictObject({ sps, spp: unknownOr(sppConnection, "The primary of the SPP cluster.") }),
  outputs: z.object({
    ...joinReadings.shape,
    unreadable: z
      .array(z.string())
      .describe("Lists of SPS that its user may not read, so that objects of the join may be missing in `policies`."),
  }),
};
