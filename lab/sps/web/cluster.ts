import { randomBytes } from "node:crypto";
import type { Appliance } from "../appliance";
import { clusterListenAddress } from "../cluster/listen-address";
import { MEMBERSHIP } from "../cluster/member";
import { CENTRAL_MANAGEMENT, checkCluster, isCentral, NODES, nodeOf, nodesOf, parseNode } from "../cluster/roles";
import { malformed, notFound, SpsRefusal, semanticError } from "../state/errors";
import { isObject, type JsonObject } from "../state/json";
import { INTERNAL, type View } from "../state/store";
import { folderResponse, metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

const STATUS = "/api/cluster/status";
const PLUGIN = `${INTERNAL}configuration_sync_plugin`;

/** Promotion, join requests, nodes and roles. */
export function clusterResources(appliance: Appliance): Resource[] {
  const children = ["configuration_sync_plugin", "join_request", "nodes", "promote", "spp", "status"];
  const setPlugin = (call: SessionCall) => configureSyncPlugin(appliance, call);
  return [
    {
      path: "/api/cluster",
      access: "authenticated",
      methods: { GET: (call) => folderResponse(appliance, call, children) },
    },
    {
      path: "/api/cluster/promote",
      access: "authenticated",
      methods: { POST: (call) => promote(appliance, call) },
    },
    {
      path: "/api/cluster/join_request",
      access: "authenticated",
      methods: { POST: (call) => requestMembership(appliance, call) },
    },
    {
      path: NODES,
      access: "authenticated",
      methods: { GET: (call) => listNodes(appliance, call), POST: (call) => addNode(appliance, call) },
    },
    {
      path: `${NODES}/:id`,
      access: "authenticated",
      methods: { GET: (call) => readNode(appliance, call), PUT: (call) => changeNode(appliance, call) },
    },
    {
      path: "/api/cluster/configuration_sync_plugin",
      access: "authenticated",
      methods: { GET: (call) => readSyncPlugin(appliance, call), POST: setPlugin, PUT: setPlugin },
    },
  ];
}

function promote(appliance: Appliance, call: SessionCall): ApiResponse {
  const { identity, store, transactions } = appliance;
  const address = requireClusterInterface(store);
  const view = transactions.writable(call.session);
  requireNoCluster(view, identity.nodeId);
  const path = `${NODES}/${identity.nodeId}`;
  const body = { address, roles: [CENTRAL_MANAGEMENT] };
  view.set(path, body);
  const meta = metaOf(appliance, call, { href: path, parent: NODES });
  return { status: appliance.variant.actionStatus, body: { body, meta } };
}

function requestMembership(appliance: Appliance, call: SessionCall): ApiResponse {
  const { identity, store, transactions } = appliance;
  const central = isObject(call.body) ? call.body.central_management_address : undefined;
  if (typeof central !== "string" || central === "") throw malformed("central_management_address is missing.");
  const address = requireClusterInterface(store);
  const view = transactions.writable(call.session);
  requireNoCluster(view, identity.nodeId);
  if (appliance.variant.joinRequestTwice === "refused" && store.get(MEMBERSHIP)) {
    throw semanticError("This node has asked to join a cluster already.");
  }
  const psk = randomBytes(32).toString("hex");
  view.set(MEMBERSHIP, { central_management_address: central, psk });
  const body = { address, node_id: identity.nodeId, psk, roles: [] };
  return { status: appliance.variant.actionStatus, body: { body, meta: metaOf(appliance, call) } };
}

function requireClusterInterface(view: View): string {
  const address = clusterListenAddress(view);
  if (address === undefined) throw semanticError("Enable the cluster interface first.");
  return address;
}

function requireNoCluster(view: View, nodeId: string): void {
  if (nodeOf(view, nodeId)) throw semanticError("This node already belongs to a cluster.");
}

function listNodes(appliance: Appliance, call: SessionCall): ApiResponse {
  const nodes = nodesOf(appliance.transactions.view(call.session));
  if (nodes.length === 0 && appliance.variant.nodesBeforePromotion === "error") throw notInCluster();
  const isFull = appliance.variant.nodeItems === "with-body";
  const items = nodes.map(({ nodeId, address, roles }) => ({
    key: nodeId,
    ...(isFull ? { body: { address, roles } } : {}),
    meta: { href: `${NODES}/${nodeId}`, status: `${STATUS}/${nodeId}` },
  }));
  const self = nodes.length > 0 ? { self: `${NODES}/${appliance.identity.nodeId}` } : {};
  return { status: 200, body: { items, meta: metaOf(appliance, call, { status: STATUS, ...self }) } };
}

/** The error of a node that is not in a cluster. */
export function notInCluster(status = 400): SpsRefusal {
  return new SpsRefusal(status, "SemanticError", "This node is in no cluster.");
}

function readNode(appliance: Appliance, call: SessionCall): ApiResponse {
  return nodeResponse(appliance, call, call.parameters.id ?? "", 200);
}

function nodeResponse(appliance: Appliance, call: SessionCall, nodeId: string, status: number): ApiResponse {
  const node = nodeOf(appliance.transactions.view(call.session), nodeId);
  if (!node) throw notFound(call.path);
  const links = { href: `${NODES}/${nodeId}`, parent: NODES, status: `${STATUS}/${nodeId}` };
  const body = { address: node.address, roles: node.roles };
  return { status, body: { key: nodeId, body, meta: metaOf(appliance, call, links) } };
}

function addNode(appliance: Appliance, call: SessionCall): ApiResponse {
  const { identity, transactions, variant } = appliance;
  const { address, nodeId, psk } = parseMember(call.body);
  const view = transactions.writable(call.session);
  requireCentral(view, identity.nodeId);
  const known = nodesOf(view).find((node) => node.nodeId === nodeId || node.address === address);
  const isReplaceable = known?.nodeId === nodeId && nodeId !== identity.nodeId && variant.duplicateNode === "replaced";
  if (known && !isReplaceable) throw semanticError("A node with this id or address is in the cluster already.");
  view.set(`${NODES}/${nodeId}`, { address, roles: [] });
  view.set(`${INTERNAL}psk/${nodeId}`, { psk });
  return nodeResponse(appliance, call, nodeId, 201);
}

function parseMember(body: unknown): { address: string; nodeId: string; psk: string } {
  if (!isObject(body)) throw malformed("The body must be a JSON object.");
  const { address, node_id: nodeId, psk, roles } = body;
  if (typeof address !== "string" || typeof nodeId !== "string" || typeof psk !== "string") {
    throw malformed("The members address, node_id and psk are needed.");
  }
  if (!Array.isArray(roles) || roles.length > 0) throw semanticError("A new node has no roles yet.");
  return { address, nodeId, psk };
}

function changeNode(appliance: Appliance, call: SessionCall): ApiResponse {
  const { identity, transactions, variant } = appliance;
  const view = transactions.writable(call.session);
  requireCentral(view, identity.nodeId);
  const nodeId = call.parameters.id ?? "";
  const before = nodeOf(view, nodeId);
  if (!before) throw notFound(call.path);
  const previous: JsonObject = { address: before.address, roles: before.roles };
  view.set(`${NODES}/${nodeId}`, parseNode(before, call.body));
  try {
    checkCluster(view);
  } catch (error) {
    view.set(`${NODES}/${nodeId}`, previous);
    throw error;
  }
  return nodeResponse(appliance, call, nodeId, variant.putStatus);
}

function requireCentral(view: View, nodeId: string): void {
  if (!isCentral(view, nodeId)) throw semanticError("Only the Central Management node manages the nodes.");
}

function readSyncPlugin(appliance: Appliance, call: SessionCall): ApiResponse {
  const key = appliance.transactions.view(call.session).get(PLUGIN)?.plugin ?? null;
  return { status: 200, body: { plugin: { key, meta: {} }, meta: metaOf(appliance, call) } };
}

/** The vendor documents only how to disable the plugin; enabling it with the key of the plugin is the lab's own. */
function configureSyncPlugin(appliance: Appliance, call: SessionCall): ApiResponse {
  if (!isObject(call.body) || typeof call.body.enabled !== "boolean") throw malformed("The member enabled is missing.");
  const plugin = call.body.enabled ? call.body.plugin : null;
  const view = appliance.transactions.writable(call.session);
  if (plugin !== null && !view.get(`/api/configuration/plugins/configuration_sync/${String(plugin)}`)) {
    throw semanticError("There is no such configuration synchronization plugin.");
  }
  view.set(PLUGIN, { plugin });
  return readSyncPlugin(appliance, call);
}
