import type { Appliance } from "../appliance";
import { notFound } from "../state/errors";
import type { JsonObject } from "../state/json";
import { folderResponse, metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

const SLOTS = "/api/firmware/slots";

/** The firmware slots; 7.0 and later. Their members come from safeguard-ps, the form of the list is the lab's own. */
export function firmwareResources(appliance: Appliance): Resource[] {
  if (!appliance.variant.newerEndpoints) return [];
  const slots = slotsOf(appliance.identity.firmwareVersion);
  const list = (call: SessionCall): ApiResponse => {
    const items = Object.entries(slots).map(([key, body]) => ({ key, body, meta: { href: `${SLOTS}/${key}` } }));
    return { status: 200, body: { items, meta: metaOf(appliance, call) } };
  };
  const one = (call: SessionCall): ApiResponse => {
    const key = call.parameters.id ?? "";
    const body = Object.hasOwn(slots, key) ? slots[key] : undefined;
    if (!body) throw notFound(call.path);
    return { status: 200, body: { key, body, meta: metaOf(appliance, call) } };
  };
  return [
    {
      path: "/api/firmware",
      access: "authenticated",
      methods: { GET: (call) => folderResponse(appliance, call, ["slots"]) },
    },
    { path: SLOTS, access: "authenticated", methods: { GET: list } },
    { path: `${SLOTS}/:id`, access: "authenticated", methods: { GET: one } },
  ];
}

/** The running firmware in the first slot; the second one is empty. */
function slotsOf(version: string): Record<string, JsonObject> {
  return {
    "1": { version, current: true, after_reboot: true, upgrade_notes: "" },
    "2": { version: null, current: false, after_reboot: false, upgrade_notes: "" },
  };
}
