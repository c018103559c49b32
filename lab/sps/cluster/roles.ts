import { malformed, semanticError } from "../state/errors";
import { isObject, type Json } from "../state/json";
import type { View } from "../state/store";

export const NODES = "/api/cluster/nodes";
export const CENTRAL_MANAGEMENT = "central-management";
export const MANAGED_HOST = "managed-host";
const SEARCH_ROLES = ["search-master", "search-minion", "search-local"];
const ROLES = [CENTRAL_MANAGEMENT, MANAGED_HOST, ...SEARCH_ROLES];

/** A node in the list of its cluster. */
export interface ClusterNode {
  nodeId: string;
  address: string;
  roles: string[];
}

/** The nodes of the cluster in a view. */
export function nodesOf(view: View): ClusterNode[] {
  return view.keys(NODES).map((nodeId) => nodeOf(view, nodeId) ?? { nodeId, address: "", roles: [] });
}

export function nodeOf(view: View, nodeId: string): ClusterNode | undefined {
  const body = view.get(`${NODES}/${nodeId}`);
  return body && { nodeId, address: body.address as string, roles: body.roles as string[] };
}

/** Whether a node is the Central Management node of its cluster. */
export function isCentral(view: View, nodeId: string): boolean {
  return nodeOf(view, nodeId)?.roles.includes(CENTRAL_MANAGEMENT) ?? false;
}

/**
 * The node object of a PUT, which replaces the whole object.
 * @throws SpsRefusal 400 when a member is missing, a role is unknown or repeated, there is not exactly one search role, or
 * the request assigns or removes `central-management`.
 */
export function parseNode(before: ClusterNode, body: Json | undefined): { address: string; roles: string[] } {
  if (!isObject(body)) throw malformed("The body must be a JSON object.");
  const { address, roles } = body;
  if (typeof address !== "string" || address === "") throw malformed("The member address is missing.");
  if (!Array.isArray(roles)) throw malformed("The member roles must be a list.");
  const known = roles.filter((role): role is string => typeof role === "string" && ROLES.includes(role));
  if (known.length !== roles.length) throw semanticError("There is an unknown role among the roles.");
  if (new Set(known).size !== known.length) throw semanticError("A role is listed twice.");
  if (searchRoles(known).length !== 1) throw semanticError("A node needs exactly one search role.");
  if (known.includes(CENTRAL_MANAGEMENT) !== before.roles.includes(CENTRAL_MANAGEMENT)) {
    throw semanticError("The role central-management is assigned by promotion only and stays with its node.");
  }
  return { address, roles: known };
}

/**
 * Checks the rules of a whole cluster, at each change and again at commit.
 * @throws SpsRefusal 400 `SemanticError`.
 */
export function checkCluster(view: View): void {
  const nodes = nodesOf(view);
  const nodesWith = (role: string) => nodes.filter((node) => node.roles.includes(role));
  if (nodesWith(CENTRAL_MANAGEMENT).length > 1) throw semanticError("There is another Central Management node.");
  if (nodesWith("search-master").length > 1) throw semanticError("There is another search master in this cluster.");
  for (const node of nodes) {
    const isManager = node.roles.includes(CENTRAL_MANAGEMENT);
    const isManaged = node.roles.includes(MANAGED_HOST);
    if (isManager && isManaged) throw semanticError("The Central Management node cannot be a managed host.");
    if (searchRoles(node.roles).length > 1) throw semanticError("A node cannot have several search roles.");
    if (node.roles.includes("search-master") && !isManager && !isManaged) {
      throw semanticError("The search master must be the Central Management node or a managed host.");
    }
  }
}

function searchRoles(roles: string[]): string[] {
  return roles.filter((role) => SEARCH_ROLES.includes(role));
}
