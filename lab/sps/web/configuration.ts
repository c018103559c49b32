import type { Appliance } from "../appliance";
import { notFound, semanticError } from "../state/errors";
import { isObject, type Json, type JsonObject } from "../state/json";
import { CLUSTER_SERVICE, CONFIGURATION, type ConfigurationNode, SYSTEM_BACKUP } from "../state/schema";
import { newKey } from "../state/seed";
import { completeBody, renderBody, type Shape } from "../state/shapes";
import type { View } from "../state/store";
import { folderResponse, metaOf, parentOf, siblingsOf } from "./links";
import type { ApiResponse, Methods, Resolver, Resource, SessionCall } from "./resource";

const TRANSACTION = { transaction: "/api/transaction" };
const PLUGIN_INSTANCES = `${CONFIGURATION}/policies/aa_plugin_instances`;

/** Resolves the paths below `/api/configuration`, which depend on the existing objects. */
export function configurationResolver(appliance: Appliance): Resolver {
  return (path) => {
    const node = appliance.configurationTree.get(path);
    const list = node ? undefined : appliance.configurationTree.get(parentOf(path));
    let methods: Methods<SessionCall>;
    if (node?.kind === "folder") methods = folderMethods(appliance, node.children);
    else if (node?.kind === "list") methods = listMethods(appliance, node.shape);
    else if (node?.kind === "object") methods = objectMethods(appliance, node.shape);
    else if (list?.kind === "list") methods = itemMethods(appliance, list.shape);
    else return undefined;
    const resource: Resource = { path, access: "authenticated", methods };
    return { resource, parameters: {} };
  };
}

function folderMethods(appliance: Appliance, children: string[]): Methods<SessionCall> {
  return { GET: (call) => folderResponse(appliance, call, children, TRANSACTION) };
}

function listMethods(appliance: Appliance, shape: Shape): Methods<SessionCall> {
  const get = (call: SessionCall): ApiResponse => {
    const view = appliance.transactions.view(call.session);
    const items = view.keys(call.path).map((key) => listItem(appliance, call.path, key, shape, view));
    return { status: 200, body: { items, meta: metaOf(appliance, call, TRANSACTION) } };
  };
  if (shape.fixed) return { GET: get };
  return {
    GET: get,
    POST: (call) => {
      const view = appliance.transactions.writable(call.session);
      const key = newKey();
      view.set(`${call.path}/${key}`, completeBody(shape, call.body, view));
      const meta = metaOf(appliance, call, { ...TRANSACTION, href: `${call.path}/${key}`, parent: call.path });
      return { status: 201, body: { key, meta } };
    },
  };
}

function listItem(appliance: Appliance, list: string, key: string, shape: Shape, view: View): JsonObject {
  const body = view.get(`${list}/${key}`) ?? {};
  const meta = { href: `${list}/${key}` };
  const { listItems, pluginInstanceItems } = appliance.variant;
  if (list === PLUGIN_INSTANCES && pluginInstanceItems === "with-name") return { key, name: body.name, meta };
  return listItems === "with-body" ? { key, body: renderBody(shape, body), meta } : { key, meta };
}

function objectMethods(appliance: Appliance, shape: Shape): Methods<SessionCall> {
  return {
    GET: (call) => read(appliance, call, shape, TRANSACTION),
    PUT: (call) => {
      const view = appliance.transactions.writable(call.session);
      if (!view.get(call.path)) throw notFound(call.path);
      view.set(call.path, completeBody(shape, call.body, view));
      return { ...read(appliance, call, shape, TRANSACTION), status: appliance.variant.putStatus };
    },
  };
}

function itemMethods(appliance: Appliance, shape: Shape): Methods<SessionCall> {
  const { PUT } = objectMethods(appliance, shape);
  const get = (call: SessionCall): ApiResponse => {
    const keys = appliance.transactions.view(call.session).keys(parentOf(call.path));
    return read(appliance, call, shape, { ...TRANSACTION, ...siblingsOf(call.path, keys) });
  };
  if (shape.fixed) return { GET: get };
  return {
    GET: get,
    PUT,
    DELETE: (call) => {
      const view = appliance.transactions.writable(call.session);
      if (!view.get(call.path)) throw notFound(call.path);
      if (isReferenced(appliance.configurationTree, view, call.path))
        throw semanticError("Another object refers to this one.");
      view.delete(call.path);
      return { status: 200, body: { meta: metaOf(appliance, call, TRANSACTION) } };
    },
  };
}

function read(appliance: Appliance, call: SessionCall, shape: Shape, extra: JsonObject): ApiResponse {
  const body = appliance.transactions.view(call.session).get(call.path);
  if (!body) throw notFound(call.path);
  const key = call.path.slice(call.path.lastIndexOf("/") + 1);
  const shown = applyVariants(appliance, call.path, renderBody(shape, body));
  return { status: 200, body: { key, body: shown, meta: metaOf(appliance, call, extra) } };
}

/** Applies the variants of objects on whose form the published samples disagree. */
function applyVariants(appliance: Appliance, path: string, shown: JsonObject): JsonObject {
  const { backupPolicyReference, disabledListenAddress, protocolOptions } = appliance.variant;
  const policy = shown.backup_policy;
  if (path === SYSTEM_BACKUP && backupPolicyReference === "key" && isObject(policy)) {
    return { ...shown, backup_policy: policy.key };
  }
  if (path === CLUSTER_SERVICE && disabledListenAddress === "absent" && shown.listen_address === null) {
    return { enabled: shown.enabled };
  }
  const { service } = shown;
  if (protocolOptions === "without-audit" && path.endsWith("/options") && isObject(service) && !service.enabled) {
    return { ...shown, service: { enabled: false } };
  }
  return shown;
}

function isReferenced(tree: Map<string, ConfigurationNode>, view: View, target: string): boolean {
  return view.paths().some((path) => {
    const node = tree.get(path) ?? tree.get(parentOf(path));
    const references: Record<string, string> = node && "shape" in node ? (node.shape.references ?? {}) : {};
    return Object.entries(references).some(([name, list]) => refersTo(view.get(path)?.[name], list, target));
  });
}

function refersTo(key: Json | undefined, list: string, target: string): boolean {
  return typeof key === "string" && `${list}/${key}` === target;
}
