import { z } from "zod";
import { SafeguardError } from "../../../core/errors";
import type { Found } from "../model/found";
import { foundIn, objectListSchema, READ_TYPES, routeOrderSchema, versionSchema } from "../read/objects";
import { filterListSchema, filterRulesIn } from "../read/packet-filter";
import { RequestRefused, type UtmApi } from "./utm-client";

const STEP = "read the router";

/** Reads everything that concerns redirections. @throws SafeguardError when it cannot be read */
export async function readRouter(client: UtmApi): Promise<Found> {
  // First of all, so that a wrong password is one failed login and not many.
  const { utm: version } = await client.get("/api/status/version", versionSchema, STEP);
  const [routeOrder, spoofProtection, filterOrder, filters, ...lists] = await Promise.all([
    client.get("/api/nodes/routes.policy", routeOrderSchema, STEP),
    client.get("/api/nodes/packetfilter.advanced.spoof_protection", z.unknown(), STEP).catch(ignoreMissing),
    client.get("/api/nodes/packetfilter.rules", routeOrderSchema, STEP).catch(ignoreHidden),
    client.get("/api/objects/packetfilter/packetfilter/", filterListSchema, STEP).catch(ignoreHidden),
    ...READ_TYPES.map((type) => client.get(`/api/objects/${type}/`, objectListSchema, STEP)),
  ]);
  try {
    const objects = lists.flat();
    const packetFilter = filterOrder && filters && filterRulesIn(filters, filterOrder, objects);
    return foundIn({ version, objects, routeOrder, spoofProtection, packetFilter });
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const cause = `a policy route has an unexpected shape at ${error.issues[0]?.path.join(".")}`;
    throw new SafeguardError({ code: "SG3102", object: client.object, step: STEP, cause });
  }
}

/** Older versions may have no such setting. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof RequestRefused && error.status === 404) return undefined;
  throw error;
}

/** The user may have no rights to the packet filter, which is only reported. */
function ignoreHidden(error: unknown): undefined {
  if (error instanceof RequestRefused && [401, 403, 404].includes(error.status)) return undefined;
  throw error;
}
