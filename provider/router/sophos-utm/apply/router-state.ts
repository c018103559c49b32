import { z } from "zod";
import { SafeguardError } from "../../../core/errors";
import type { Found } from "../model/found";
import { foundIn, objectListSchema, READ_TYPES, routeOrderSchema, versionSchema } from "../read/objects";
import { RequestRefused, type UtmApi } from "./utm-client";

const STEP = "read the router";

/** Reads everything that concerns redirections. @throws SafeguardError when it cannot be read */
export async function readRouter(client: UtmApi): Promise<Found> {
  // First of all, so that a wrong password is one failed login and not many.
  const { utm: version } = await client.get("/api/status/version", versionSchema, STEP);
  const [routeOrder, spoofProtection, ...lists] = await Promise.all([
    client.get("/api/nodes/routes.policy", routeOrderSchema, STEP),
    client.get("/api/nodes/packetfilter.advanced.spoof_protection", z.unknown(), STEP).catch(ignoreMissing),
    ...READ_TYPES.map((type) => client.get(`/api/objects/${type}/`, objectListSchema, STEP)),
  ]);
  try {
    return foundIn({ version, objects: lists.flat(), routeOrder, spoofProtection });
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
