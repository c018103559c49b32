import { z } from "zod";
import { infoAnswer, listAnswer, nodeAnswer, publicInfoAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

export const CENTRAL_MANAGEMENT = "central-management";
/** The role that makes a node synchronize its whole configuration from the Central Management node (§9.1). */
export const MANAGED_HOST = "managed-host";

/** Name, version and roles of a node (§3). */
export interface NodeInfo {
  hostName: string;
  firmwareVersion: string;
  roles: string[];
}

/** A member as its Central Management node lists it (§8.1). */
export interface ClusterNode {
  nodeId: string;
  address: string;
  roles: string[];
}

export async function readInfo(client: SpsClient): Promise<NodeInfo> {
  const first = await client.get("/api/info", z.union([infoAnswer, publicInfoAnswer]));
  const body = "roles" in first.body ? first.body : await readInfoAgain(client);
  const hostName = [body.hostname, body.domainname].filter(Boolean).join(".");
  return { hostName, firmwareVersion: body.firmware_version, roles: body.roles };
}

/** Some versions do not refuse an expired session but answer without the members that need a login. */
async function readInfoAgain(client: SpsClient) {
  await client.login();
  return (await client.get("/api/info", infoAnswer)).body;
}

/**
 * The ids of the nodes in the cluster, and the node's own id; none on a node outside any cluster. One round trip. A node only has an id as
 * part of a cluster.
 */
export async function listNodeIds(client: SpsClient): Promise<{ nodeIds: string[]; selfId: string | undefined }> {
  let list: { items: { key?: string | number; meta?: { href: string } }[]; meta?: { self?: string | null } };
  try {
    list = await client.get("/api/cluster/nodes", listAnswer);
  } catch (error) {
    // The answer of an unpromoted node is not documented (§8.1): an empty list, or a refusal other than a lack of rights.
    if (error instanceof SpsRefusal && ![401, 403].includes(error.status) && error.status < 500) {
      return { nodeIds: [], selfId: undefined };
    }
    throw error;
  }
  const nodeIds = list.items.map((item) => String(item.key ?? lastSegment(item.meta?.href)));
  const self = list.meta?.self ? lastSegment(list.meta.self) : undefined;
  // A link to itself may also exist outside of a cluster. Only a listed node is a member.
  return { nodeIds, selfId: self !== undefined && nodeIds.includes(self) ? self : undefined };
}

/** The nodes in the cluster, and the node's own id; empty on a node outside any cluster. */
export async function listNodes(client: SpsClient): Promise<{ nodes: ClusterNode[]; selfId: string | undefined }> {
  const { nodeIds, selfId } = await listNodeIds(client);
  const nodes = await Promise.all(
    nodeIds.map(async (nodeId) => {
      const { body } = await client.get(nodePath(nodeId), nodeAnswer);
      return { nodeId, address: body.address, roles: body.roles };
    }),
  );
  return { nodes, selfId };
}

/** The node that answered: by the mark in the list, else the Central Management node, because only that node is asked for its cluster. */
export function ownNode(cluster: {
  nodes: readonly ClusterNode[];
  selfId: string | undefined;
}): ClusterNode | undefined {
  const { nodes, selfId } = cluster;
  return nodes.find(({ nodeId }) => nodeId === selfId) ?? nodes.find(({ roles }) => roles.includes(CENTRAL_MANAGEMENT));
}

/** The nodes that synchronize from the node that answered. */
export function membersOf(cluster: Parameters<typeof ownNode>[0]): ClusterNode[] {
  const own = ownNode(cluster);
  return cluster.nodes.filter((node) => node !== own && !node.roles.includes(CENTRAL_MANAGEMENT));
}

/** Path of a node's entry on the Central Management node (§8.1). */
export function nodePath(nodeId: string): string {
  return `/api/cluster/nodes/${nodeId}`;
}

/** Whether the node itself reports that it is in a cluster; it learns that from the Central Management node. */
export async function isMember(node: SpsClient): Promise<boolean> {
  return (await readInfo(node)).roles.length > 0 || (await listNodeIds(node)).nodeIds.length > 0;
}

export function sameRoles(left: readonly string[], right: readonly string[]): boolean {
  return [...left].sort().join() === [...right].sort().join();
}

function lastSegment(href: string | undefined): string {
  return href?.split("/").pop() ?? "";
}
