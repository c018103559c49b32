import { z } from "zod";
import { SafeguardError } from "../../../core/errors";
import type { FilterRule, Found } from "../model/found";
import { type ApiObject, objectListSchema } from "../read/api-object";
import { foundIn, READ_TYPES, type Readings, routeOrderSchema, unseenRoutes, versionSchema } from "../read/objects";
import { FILTER_NODES, filterListSchema, filterRulesIn } from "../read/packet-filter";
import { hasUnreadService, OTHER_SERVICES } from "../read/services";
import { ignoreMissing, RequestRefused, type UtmApi } from "./utm-client";

const STEP = "read the router";

/** Reads everything that concerns redirections, except for the packet filter. @throws SafeguardError when it cannot be read */
export async function readRouter(client: UtmApi): Promise<Found> {
  return stateOf(client, await readVisible(client));
}

/** Reads the packet filter too, which is only reported. @throws SafeguardError when anything else cannot be read */
export async function readRouterWithFilter(client: UtmApi): Promise<Found> {
  const readings = await readVisible(client, { isFilterWanted: true });
  const found = stateOf(client, readings);
  // Not all users have the rights to it.
  const packetFilter = await readPacketFilter(client, readings.objects).catch(() => undefined);
  return { ...found, packetFilter };
}

/**
 * Reads all objects, and again when a policy route came or went between two answers.
 * @throws SafeguardError SG3018 when this user does not see all policy routes
 */
async function readVisible(client: UtmApi, options = { isFilterWanted: false }): Promise<Readings> {
  const first = await readObjects(client, options);
  if (unseenRoutes(first).length === 0) return first;
  const again = await readObjects(client, options);
  const [unseen] = unseenRoutes(again);
  if (unseen === undefined) return again;
  const cause = `the order of policy routes has ${unseen} that the list of policy routes does not show to this user`;
  throw new SafeguardError({ code: "SG3018", object: client.object, step: STEP, cause });
}

async function readObjects(client: UtmApi, { isFilterWanted }: { isFilterWanted: boolean }): Promise<Readings> {
  // First of all, so that a wrong password is one failed login and not many.
  const { utm: version } = await client.get("/api/status/version", versionSchema, STEP);
  const [routeOrder, spoofProtection, others, ...lists] = await Promise.all([
    client.get("/api/nodes/routes.policy", routeOrderSchema, STEP),
    // Older versions may have no such setting.
    client.get("/api/nodes/packetfilter.advanced.spoof_protection", z.unknown(), STEP).catch(ignoreMissing),
    isFilterWanted ? readOtherServices(client) : undefined,
    ...READ_TYPES.map((type) => client.get(`/api/objects/${type}/`, objectListSchema, STEP)),
  ]);
  const objects = lists.flat();
  // Most UTMs have no policy route for another protocol, so that further requests say nothing.
  if (others || hasUnreadService(objects)) objects.push(...(others ?? (await readOtherServices(client))));
  return { version, objects, routeOrder, spoofProtection };
}

function stateOf({ object }: UtmApi, readings: Readings): Found {
  try {
    return foundIn(readings);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const cause = `a policy route has an unexpected shape at ${error.issues[0]?.path.join(".")}`;
    throw new SafeguardError({ code: "SG3102", object, step: STEP, cause });
  }
}

/** What cannot be read is not understood: it may match anything. */
async function readOtherServices(client: UtmApi): Promise<ApiObject[]> {
  const lists = OTHER_SERVICES.map((type) =>
    client.get(`/api/objects/service/${type}/`, objectListSchema, STEP).catch(ignoreRefused),
  );
  return (await Promise.all(lists)).flatMap((list) => list ?? []);
}

/** Older versions may lack the type, and the user the right to it. */
function ignoreRefused(error: unknown): undefined {
  if (error instanceof RequestRefused && error.status === 403) return undefined;
  return ignoreMissing(error);
}

async function readPacketFilter(client: UtmApi, known: readonly ApiObject[]): Promise<FilterRule[]> {
  const orderOf = (node: string) => client.get(`/api/nodes/packetfilter.${node}`, routeOrderSchema, STEP);
  const [rules, orders] = await Promise.all([
    client.get("/api/objects/packetfilter/packetfilter/", filterListSchema, STEP),
    Promise.all(
      FILTER_NODES.map(async (node) =>
        node === "rules" ? orderOf(node) : ((await orderOf(node).catch(ignoreMissing)) ?? []),
      ),
    ),
  ]);
  return orders.flatMap((order) => filterRulesIn(rules, order, known));
}
