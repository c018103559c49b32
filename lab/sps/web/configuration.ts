import type { Appliance } from "../appliance";
import { notFound, semanticError } from "../state/errors";
import { isObject, type Json, type JsonObject } from "../state/json";
import { CLUSTER_SERVICE, CONFIGURATION, type Place, SYSTEM_BACKUP } from "../state/schema";
import { newKey } from "../state/seed";
import { accept, type Shape, show } from "../state/shapes";
import type { View } from "../state/store";
import { folderAnswer, metaOf, parentOf, siblingsOf } from "./links";
import type { Answer, Methods, Resolver, Resource, SessionCall } from "./resource";

const TRANSACTION = { transaction: "/api/transaction" };
const PLUGIN_INSTANCES = `${CONFIGURATION}/policies/aa_plugin_instances`;

/** Everything below `/api/configuration`: its paths depend on the objects there are. */
export function configurationResolver(appliance: Appliance): Resolver {
  return (path) => {
    const place = appliance.places.get(path);
    const list = place ? undefined : appliance.places.get(parentOf(path));
    let methods: Methods<SessionCall>;
    if (place?.kind === "folder") methods = folderMethods(appliance, place.children);
    else if (place?.kind === "list") methods = listMethods(appliance, place.shape);
    else if (place?.kind === "object") methods = objectMethods(appliance, place.shape);
    else if (list?.kind === "list") methods = itemMethods(appliance, list.shape);
    else return undefined;
    const resource: Resource = { path, access: "authenticated", methods };
    return { resource, parameters: {} };
  };
}

function folderMethods(appliance: Appliance, children: string[]): Methods<SessionCall> {
  return { GET: (call) => folderAnswer(appliance, call, children, TRANSACTION) };
}

function listMethods(appliance: Appliance, shape: Shape): Methods<SessionCall> {
  const get = (call: SessionCall): Answer => {
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
      view.set(`${call.path}/${key}`, accept(shape, call.body, view));
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
  return listItems === "with-body" ? { key, body: show(shape, body), meta } : { key, meta };
}

function objectMethods(appliance: Appliance, shape: Shape): Methods<SessionCall> {
  return {
    GET: (call) => read(appliance, call, shape, TRANSACTION),
    PUT: (call) => {
      const view = appliance.transactions.writable(call.session);
      if (!view.get(call.path)) throw notFound(call.path);
      view.set(call.path, accept(shape, call.body, view));
      return { ...read(appliance, call, shape, TRANSACTION), status: appliance.variant.putStatus };
    },
  };
}

function itemMethods(appliance: Appliance, shape: Shape): Methods<SessionCall> {
  const { PUT } = objectMethods(appliance, shape);
  const get = (call: SessionCall): Answer => {
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
      if (isReferenced(appliance.places, view, call.path)) throw semanticError("Another object refers to this one.");
      view.delete(call.path);
      return { status: 200, body: { meta: metaOf(appliance, call, TRANSACTION) } };
    },
  };
}

function read(appliance: Appliance, call: SessionCall, shape: Shape, extra: JsonObject): Answer {
  const body = appliance.transactions.view(call.session).get(call.path);
  if (!body) throw notFound(call.path);
  const key = call.path.slice(call.path.lastIndexOf("/") + 1);
  const shown = showVariant(appliance, call.path, show(shape, body));
  return { status: 200, body: { key, body: shown, meta: metaOf(appliance, call, extra) } };
}

/** Two objects are shown in ways the published samples disagree about. */
function showVariant(appliance: Appliance, path: string, shown: JsonObject): JsonObject {
  const { backupPolicyReference, disabledListenAddress } = appliance.variant;
  const policy = shown.backup_policy;
  if (path === SYSTEM_BACKUP && backupPolicyReference === "key" && isObject(policy)) {
    return { ...shown, backup_policy: policy.key };
  }
  if (path === CLUSTER_SERVICE && disabledListenAddress === "absent" && shown.listen_address === null) {
    return { enabled: shown.enabled };
  }
  return shown;
}

function isReferenced(places: Map<string, Place>, view: View, target: string): boolean {
  return view.paths().some((path) => {
    const place = places.get(path) ?? places.get(parentOf(path));
    const references: Record<string, string> = place && "shape" in place ? (place.shape.references ?? {}) : {};
    return Object.entries(references).some(([name, list]) => pointsTo(view.get(path)?.[name], list, target));
  });
}

function pointsTo(key: Json | undefined, list: string, target: string): boolean {
  return typeof key === "string" && `${list}/${key}` === target;
}
