import { z } from "zod";

const node = z.object({
  nodeId: z.string().describe("Id of the node."),
  address: z.string().describe("Address in the cluster."),
  hostName: z.string().describe("Host name; empty when the node has reported none."),
  roles: z.array(z.string()).describe("Roles, such as `central-management`."),
  isCentral: z.boolean().describe("Whether it manages the cluster."),
  state: z.string().describe("Synchronization state as the Central Management node reports it."),
});

const otherCluster = z.object({
  nodeId: z.string().describe("Node id that SPP lists."),
  addresses: z.array(z.string()).describe("Addresses that SPP lists."),
  state: z.enum(["none", "disconnected", "untrusted", "trusted"]).describe("State of its connection on SPP."),
});

const sppMember = z.object({
  applianceId: z.string().describe("Id of the appliance."),
  address: z.string().describe("IPv4 address, else IPv6; empty when SPP tells none."),
  isPrimary: z.boolean().describe("Whether it is the primary of the cluster."),
});

const router = z.object({
  name: z.string().describe("Name of the router."),
  object: z.string().describe("The router in messages, such as `router 10.0.0.1`."),
  redirections: z.array(z.string()).describe("Names of the redirections that it should have."),
  state: z.string().describe("Whether they are in force, or why that is not known."),
  isRead: z.boolean().describe("Whether the router was read."),
});

/** What there is of a site. Holds no secret. */
export const topologySchema = z.object({
  site: z.string().describe("Name of the site."),
  sps: z
    .object({
      address: z.string().describe("Address given for the cluster."),
      version: z.string().describe("Firmware version; empty when unknown."),
      nodes: z.array(node).describe("Nodes of the cluster."),
      isCentral: z.boolean().describe("Whether the address is that of the Central Management node, or in no cluster."),
      notRead: z.string().optional().describe("Why the cluster was not read; absent when it was."),
    })
    .describe("The SPS cluster."),
  spp: z
    .object({
      address: z.string().describe("Address given for SPP."),
      version: z.string().describe("Version; empty when unknown."),
      isPrimary: z.boolean().optional().describe("Whether it is the primary; absent when unknown."),
      members: z.array(sppMember).describe("Appliances of the SPP cluster; empty when they were not read."),
      notRead: z.string().optional().describe("Why its session modules were not read; absent when they were."),
    })
    .describe("SPP."),
  join: z
    .object({
      state: z
        .enum(["joined", "one-sided", "not joined", "not known"])
        .describe("`one-sided`: SPP lists the cluster, and the connection does not work; or only SPS reports a join."),
      reason: z.string().describe("Why it is not joined; empty when it is."),
      connectionId: z.number().optional().describe("Id of the connection on SPP; absent without one."),
    })
    .describe("How SPS and SPP are joined."),
  otherClusters: z.array(otherCluster).describe("Other clusters that the same SPP lists."),
  routers: z.array(router).describe("The routers of the site."),
});

export type Topology = z.output<typeof topologySchema>;
export type TopologyNode = z.output<typeof node>;
