import type { Appliance } from "../appliance";
import type { SyncStatus } from "../cluster/central-status";
import { isCentral } from "../cluster/roles";
import type { JsonObject } from "../state/json";
import type { SpsVariant } from "../variant";
import { notInCluster } from "./cluster";
import { metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

const STATUS = "/api/cluster/status";

/** Status of the nodes of a cluster, on its Central Management node. */
export function clusterStatusResources(appliance: Appliance): Resource[] {
  const format = (status: SyncStatus) => formatSyncStatus(appliance.variant.syncStatusSpelling, status);
  const list = (call: SessionCall): ApiResponse => {
    requireCentralNode(appliance);
    const items = appliance.central.items(format).map(withLinks);
    const self = `${STATUS}/${appliance.identity.nodeId}`;
    return { status: 200, body: { items, meta: metaOf(appliance, call, { self }) } };
  };
  const one = (call: SessionCall): ApiResponse => {
    requireCentralNode(appliance);
    const item = appliance.central.item(call.parameters.id ?? "", format);
    const meta = metaOf(appliance, call, linksOf(item));
    return { status: 200, body: { ...item, meta } };
  };
  return [
    { path: STATUS, access: "authenticated", methods: { GET: list } },
    { path: `${STATUS}/:id`, access: "authenticated", methods: { GET: one } },
  ];
}

/** A status in the spelling of the API. */
export function formatSyncStatus(spelling: SpsVariant["syncStatusSpelling"], status: SyncStatus): string {
  if (spelling === "kebab") return status;
  if (spelling === "spaces") return status.replaceAll("-", " ");
  return (spelling === "upper-snake" ? status.replaceAll("-", "_") : status).toUpperCase();
}

function requireCentralNode(appliance: Appliance): void {
  if (isCentral(appliance.store, appliance.identity.nodeId)) return;
  throw notInCluster(appliance.variant.statusBeforePromotion);
}

function withLinks(item: JsonObject): JsonObject {
  return { ...item, meta: linksOf(item) };
}

function linksOf(item: JsonObject): JsonObject {
  const key = String(item.key);
  return { configuration: `/api/cluster/nodes/${key}`, href: `${STATUS}/${key}` };
}
