import { z } from "zod";
import { SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import {
  clusterStatusAnswer,
  infoAnswer,
  joinRequestAnswer,
  listAnswer,
  nodeAnswer,
  publicInfoAnswer,
} from "./answers";
import { type SpsClient, SpsRefusal } from "./client";
import { inTransaction } from "./transaction";

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

/** The nodes of the cluster this node knows, and which of them it is itself; empty on a node outside any cluster. */
export async function listNodes(client: SpsClient): Promise<{ nodes: ClusterNode[]; selfId: string | undefined }> {
  let list: { items: { key?: string | number; meta?: { href: string } }[]; meta?: { self?: string | null } };
  try {
    list = await client.get("/api/cluster/nodes", listAnswer);
  } catch (error) {
    // What an unpromoted node answers is not documented (§8.1): an empty list or a refusal that names no lack of rights.
    if (error instanceof SpsRefusal && ![401, 403].includes(error.status) && error.status < 500) {
      return { nodes: [], selfId: undefined };
    }
    throw error;
  }
  const nodes = await Promise.all(
    list.items.map(async (item) => {
      const nodeId = String(item.key ?? lastSegment(item.meta?.href));
      const { body } = await client.get(`/api/cluster/nodes/${nodeId}`, nodeAnswer);
      return { nodeId, address: body.address, roles: body.roles };
    }),
  );
  return { nodes, selfId: list.meta?.self ? lastSegment(list.meta.self) : undefined };
}

/** Makes the node the Central Management node of a cluster of its own (§7.2); cannot be undone. */
export async function promote(client: SpsClient, limitSeconds: number): Promise<void> {
  const isPromoted = async () => (await readInfo(client)).roles.includes(CENTRAL_MANAGEMENT);
  await inTransaction(client, limitSeconds, () => client.send("POST", "/api/cluster/promote"), isPromoted);
  await client.loginAgain(limitSeconds);
  await poll(
    client.context,
    {
      object: client.object,
      awaiting: "the Central Management role",
      limitSeconds,
      remedy: "look at Basic Settings > Cluster management on the node, then run pulumi up again",
      code: "SG1207",
    },
    async () => {
      const { roles } = await readInfo(client);
      return roles.includes(CENTRAL_MANAGEMENT)
        ? { done: undefined }
        : { seen: `roles: ${roles.join(", ") || "none"}` };
    },
  );
}

/**
 * Joins a node to the cluster (§7.3): the node asks, the Central Management node accepts, both commit, the latter
 * first so that the node finds itself known.
 */
export async function joinMember(
  centralManagement: SpsClient,
  centralManagementIp: string,
  member: SpsClient,
  limitSeconds: number,
): Promise<void> {
  const path = "/api/cluster/join_request";
  const request = async () => {
    const answer = await member.send("POST", path, { central_management_address: centralManagementIp });
    const { address, node_id, psk } = member.expect(`POST ${path}`, answer, joinRequestAnswer).body;
    await inTransaction(
      centralManagement,
      limitSeconds,
      () => centralManagement.send("POST", "/api/cluster/nodes", { address, node_id, psk, roles: [] }),
      async () => (await listNodes(centralManagement)).nodes.some(({ nodeId }) => nodeId === node_id),
    );
  };
  await inTransaction(member, limitSeconds, request, () => isMember(member));
  await Promise.all([centralManagement.loginAgain(limitSeconds), member.loginAgain(limitSeconds)]);
}

/** Whether the node itself knows that it is in a cluster; it learns that from the Central Management node. */
export async function isMember(node: SpsClient): Promise<boolean> {
  return (await readInfo(node)).roles.length > 0 || (await listNodes(node)).nodes.length > 0;
}

/** Gives a node its roles (§8.3) and verifies that they were kept: unknown or refused ones can vanish silently (§4.4). */
export async function setRoles(
  centralManagement: SpsClient,
  node: ClusterNode,
  roles: string[],
  limitSeconds: number,
): Promise<void> {
  const path = `/api/cluster/nodes/${node.nodeId}`;
  const read = async () => (await centralManagement.get(path, nodeAnswer)).body.roles;
  await inTransaction(
    centralManagement,
    limitSeconds,
    () => centralManagement.send("PUT", path, { address: node.address, roles }),
    async () => sameRoles(await read(), roles),
  );
  await centralManagement.loginAgain(limitSeconds);
  const kept = await read();
  if (sameRoles(kept, roles)) return;
  throw new SafeguardError({
    code: "SG1208",
    object: centralManagement.object,
    step: `assign roles of ${node.address}`,
    cause: `asked for ${roles.join(", ")}, the cluster keeps ${kept.join(", ") || "none"}`,
    remedy: "choose roles this firmware allows together",
  });
}

/** How far a member is with taking over the configuration of the Central Management node. */
export interface SyncState {
  nodeId: string;
  hostName: string;
  synchronized: boolean;
  /** When the node last reported, ISO 8601 in UTC; undefined for the Central Management node itself. */
  lastSeen: string | undefined;
  /** The appliance's own word, for messages. */
  status: string;
}

/** `GET /api/cluster/status` on the Central Management node, spelled in one way (§9.2). */
export async function readSyncStates(client: SpsClient): Promise<SyncState[]> {
  const answer = await client.get("/api/cluster/status", clusterStatusAnswer);
  return answer.items.map((item) => {
    const status = item.sync_status ?? "unknown";
    const errors = item.configuration_sync?.issues?.errors?.length ?? 0;
    return {
      nodeId: item.key,
      hostName: item.fqdn ?? "",
      synchronized: isInSync(status) && errors === 0,
      lastSeen: item.last_seen ?? undefined,
      status: errors > 0 ? `${status}, ${errors} errors` : status,
    };
  });
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
