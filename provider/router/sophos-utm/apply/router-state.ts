import { z } from "zod";
import { SafeguardError } from "../../../core/errors";
import type { FilterRule, Found } from "../model/found";
import {
  type ApiObject,
  foundIn,
  objectListSchema,
  READ_TYPES,
  routeOrderSchema,
  versionSchema,
} from "../read/objects";
import { FILTER_NODES, FILTER_SERVICES, filterListSchema, filterRulesIn } from "../read/packet-filter";
import { RequestRefused, type UtmApi } from "./utm-client";

const STEP = "read the router";

/** Reads everything that concerns redirections, except for the packet filter. @throws SafeguardError when it cannot be read */
export async function readRouter(client: UtmApi): Promise<Found> {
  // First of all, so that a wrong password is one failed login and not many.
  const { utm: version } = await client.get("/api/status/version", versionSchema, STEP);
  const [routeOrder, spoofProtection, ...lists] = await Promise.all([
    client.get("/api/nodes/routes.policy", routeOrderSchema, STEP),
    client.get("/api/nodes/packetfilter.advanced.spoof_protection", z.unknown(), STEP).catch(ignoreMissing),
    ...READ_TYPES.map((type) => client.get(`/api/objects/${type}/`, objectListSchema, STEP)),
  ]);
  try {
    const objects = lists.flat();
    return foundIn({ version, objects, routeOrder, spoofProtection });
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

/** Reads the packet filter too, which is only reported. */
export async function readRouterWithFilter(client: UtmApi): Promise<Found> {
  const found = await readRouter(client);
  // Not all users have the rights to it.
  const packetFilter = await readPacketFilter(client, found).catch(() => undefined);
  return { ...found, packetFilter };
}

async function readPacketFilter(client: UtmApi, { definitions }: Found): Promise<FilterRule[]> {
  const orderOf = (node: string) => client.get(`/api/nodes/packetfilter.${node}`, routeOrderSchema, STEP);
  const [rules, orders, services] = await Promise.all([
    client.get("/api/objects/packetfilter/packetfilter/", filterListSchema, STEP),
    Promise.all(
      FILTER_NODES.map(async (node) =>
        node === "rules" ? orderOf(node) : ((await orderOf(node).catch(ignoreMissing)) ?? []),
      ),
    ),
    Promise.all(
      FILTER_SERVICES.map((type) =>
        client.get(`/api/objects/service/${type}/`, objectListSchema, STEP).catch(ignoreMissing),
      ),
    ),
  ]);
  const known = definitions.map(
    ({ reference, type, name, comment, lock, values }): ApiObject => ({
      ...values,
      _ref: reference,
      _type: type,
      _locked: lock,
      name,
      comment,
    }),
  );
  const objects = [...known, ...services.flatMap((list) => list ?? [])];
  return orders.flatMap((order) => filterRulesIn(rules, order, objects));
}
