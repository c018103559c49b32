import { z } from "zod";
import { clusterStatusAnswer, infoAnswer, listAnswer, nodeAnswer, publicInfoAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

export const CENTRAL_MANAGEMENT = "central-management";
/** The role that makes a node synchronize its whole configuration from the Central Management node (§9.1). */
export const MANAGED_HOST = "managed-host";

/** Who a node is (§3). */
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

/** What is told to anybody does not tell that the session had ended, and the answer is not refused in every version. */
async function readInfoAgain(client: SpsClient) {
  await client.login();
  return (await client.get("/api/info", infoAnswer)).body;
}

/**
 * The ids of the nodes of the cluster this node knows, and its own; none on a node outside any cluster. One round trip.
 * A node has an id of its own only as part of a cluster.
 */
export async function listNodeIds(client: SpsClient): Promise<{ nodeIds: string[]; selfId: string | undefined }> {
  let list: { items: { key?: string | number; meta?: { href: string } }[]; meta?: { self?: string | null } };
  try {
    list = await client.get("/api/cluster/nodes", listAnswer);
  } catch (error) {
    // What an unpromoted node answers is not documented (§8.1): an empty list or a refusal that names no lack of rights.
    if (error instanceof SpsRefusal && ![401, 403].includes(error.status) && error.status < 500) {
      return { nodeIds: [], selfId: undefined };
    }
    throw error;
  }
  const nodeIds = list.items.map((item) => String(item.key ?? lastSegment(item.meta?.href)));
  const self = list.meta?.self ? lastSegment(list.meta.self) : undefined;
  // A link to oneself could stand there outside of any cluster, too; only a listed node is one of a cluster.
  return { nodeIds, selfId: self !== undefined && nodeIds.includes(self) ? self : undefined };
}

/** The nodes of the cluster this node knows, and which of them it is itself; empty on a node outside any cluster. */
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

/**
 * The node that answered, of those it lists: by the list's own word, else the Central Management node, for only that is
 * asked for its cluster.
 */
export function ownNode(cluster: {
  nodes: readonly ClusterNode[];
  selfId: string | undefined;
}): ClusterNode | undefined {
  const { nodes, selfId } = cluster;
  return nodes.find(({ nodeId }) => nodeId === selfId) ?? nodes.find(({ roles }) => roles.includes(CENTRAL_MANAGEMENT));
}

/** Where the Central Management node keeps a node (§8.1). */
export function nodePath(nodeId: string): string {
  return `/api/cluster/nodes/${nodeId}`;
}

/** Whether the node itself knows that it is in a cluster; it learns that from the Central Management node. */
export async function isMember(node: SpsClient): Promise<boolean> {
  return (await readInfo(node)).roles.length > 0 || (await listNodeIds(node)).nodeIds.length > 0;
}

/** A node reports every 10 s and counts as offline when its last report is older than this many seconds (§9.2). */
export const OFFLINE_AFTER_SECONDS = 60;

/** How far a member is with taking over the configuration of the Central Management node. */
export interface SyncState {
  nodeId: string;
  hostName: string;
  /** True when the node has the newest configuration and met no error with it, by its latest report. */
  synchronized: boolean;
  /** When the node last reported, ISO 8601 in UTC; undefined for the Central Management node itself. */
  lastSeen: string | undefined;
  /** How long ago that was by the Central Management node's own clock, in seconds; undefined when it never reported. */
  silentSeconds: number | undefined;
  /** The appliance's own word, for messages. */
  status: string;
}

/** `GET /api/cluster/status` on the Central Management node, spelled in one way (§9.2). */
export async function readSyncStates(client: SpsClient): Promise<SyncState[]> {
  const answer = await client.get("/api/cluster/status", clusterStatusAnswer);
  const now = client.now();
  return answer.items.map((item) => {
    const status = item.sync_status ?? "unknown";
    const errors = item.configuration_sync?.issues?.errors?.length ?? 0;
    const seen = Date.parse(item.last_seen ?? "");
    return {
      nodeId: item.key,
      hostName: item.fqdn ?? "",
      synchronized: isInSync(status) && errors === 0,
      lastSeen: item.last_seen ?? undefined,
      silentSeconds: Number.isNaN(seen) ? undefined : Math.max(0, Math.round((now - seen) / 1000)),
      status: errors > 0 ? `${status}, ${errors} errors` : status,
    };
  });
}

/** Whether the node reported so lately that what its report says still holds. */
export function isFresh({ silentSeconds }: SyncState): boolean {
  return silentSeconds !== undefined && silentSeconds <= OFFLINE_AFTER_SECONDS;
}

/** The REST spelling of "up to date" varies between documents and versions (§9.2). */
export function isInSync(status: string): boolean {
  return ["up-to-date", "uptodate"].includes(status.toLowerCase().replace(/[\s_]+/g, "-"));
}

export function sameRoles(left: readonly string[], right: readonly string[]): boolean {
  return [...left].sort().join() === [...right].sort().join();
}

function lastSegment(href: string | undefined): string {
  return href?.split("/").pop() ?? "";
}
