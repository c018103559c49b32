import { z } from "zod";
import { addressRange, canonicalNetworks } from "../../networks";
import type { Found, FoundInterface, FoundObject, FoundRoute, RouteMatch } from "../model/found";
import { type ApiObject, membersOf, type Objects, objectSchema } from "./api-object";
import { serviceOf } from "./services";

/** The types of objects that are read: those of redirections, and those that foreign policy routes may refer to. */
export const READ_TYPES = [
  "network/host",
  "network/network",
  "network/group",
  "network/any",
  "network/interface_address",
  "network/interface_network",
  "service/tcp",
  "service/group",
  "service/any",
  "interface/ethernet",
  "interface/vlan",
  "itfparams/primary",
  "itfparams/secondary",
  "route/policy",
] as const;

const reference = z.string();

const routeSchema = objectSchema.extend({
  type: z.string(),
  interface: reference,
  source: reference,
  destination: reference,
  service: reference,
  target: reference,
  status: z.boolean(),
});

/** The node with the references of policy routes in their order. */
export const routeOrderSchema = z.array(reference);

/** `GET /api/status/version`. */
export const versionSchema = z.looseObject({ utm: z.string() });

/** What was read from a UTM. */
export interface Readings {
  version: string;
  objects: readonly ApiObject[];
  routeOrder: readonly string[];
  spoofProtection: unknown;
}

/** References in the order of policy routes without a policy route: this user does not see it, or it has just been deleted. */
export function unseenRoutes({ objects, routeOrder }: Pick<Readings, "objects" | "routeOrder">): string[] {
  const seen = new Set(objects.filter(({ _type }) => _type === "route/policy").map(({ _ref }) => _ref));
  return routeOrder.filter((reference) => !seen.has(reference));
}

/** The configuration of a UTM in canonical form. @throws ZodError for a policy route in an unexpected shape */
export function foundIn({ version, objects, routeOrder, spoofProtection }: Readings): Found {
  const byReference: Objects = new Map(objects.map((one) => [one._ref, one]));
  const ofClass = (name: string) => objects.filter(({ _type }) => _type.startsWith(`${name}/`));
  const interfaces = ofClass("interface").map((one) => interfaceOf(one, byReference));
  const routes = ofClass("route").map((one) => routeOf(one, byReference, interfaces, routeOrder));
  const positioned = (position: number) => (position === 0 ? routes.length + 1 : position);
  return {
    version,
    interfaces,
    definitions: [...ofClass("network"), ...ofClass("service")].map(objectOf),
    routes: routes.sort((left, right) => positioned(left.position) - positioned(right.position)),
    spoofProtection: typeof spoofProtection === "string" ? spoofProtection : undefined,
    packetFilter: undefined,
  };
}

function objectOf({ _ref, _type, _locked, name, comment, ...values }: ApiObject): FoundObject {
  return { type: _type, reference: _ref, name, comment, lock: _locked, values };
}

function interfaceOf(object: ApiObject, objects: Objects): FoundInterface {
  const { _ref, name, primary_address, additional_addresses, status } = object;
  const parameters = [primary_address, additional_addresses].flat().map((one) => objects.get(String(one)));
  const addresses = parameters.flatMap((one) =>
    one?.address && Number.isInteger(one.netmask) ? [`${one.address}/${one.netmask}`] : [],
  );
  return { reference: _ref, name, addresses, isOn: status === true };
}

function routeOf(
  object: ApiObject,
  objects: Objects,
  interfaces: readonly FoundInterface[],
  order: readonly string[],
): FoundRoute {
  const route = routeSchema.parse(object);
  const target = objects.get(route.target);
  const match: RouteMatch = {
    interface: route.interface === "" ? "" : interfaces.find((one) => one.reference === route.interface)?.name,
    sources: networksOf(route.source, objects),
    destinations: networksOf(route.destination, objects),
    service: serviceOf(route.service, objects),
  };
  return {
    ...objectOf(object),
    match,
    gateway: route.type === "host" && target?._type === "network/host" ? String(target.address) : undefined,
    isOn: route.status,
    position: order.indexOf(route._ref) + 1,
  };
}

/** The networks behind a reference; empty for any, undefined when they are not understood. */
export function networksOf(ref: string, objects: Objects, depth = 0): string[] | undefined {
  const object = objects.get(ref);
  if (object?._type === "network/any") return [];
  if (object?._type === "network/group") {
    const members = membersOf(object, depth).map((one) => networksOf(one, objects, depth + 1));
    // A group with a member that is any, or not understood, may match anything.
    const all = members.flatMap((one) => (one && one.length > 0 ? one : [undefined]));
    return all.length > 0 && all.every((one) => one !== undefined) ? canonicalNetworks(all) : undefined;
  }
  const prefix = object && "netmask" in object ? object.netmask : 32;
  const network = `${object?.address}/${prefix}`;
  return isNetwork(network) ? [network] : undefined;
}

function isNetwork(text: string): boolean {
  try {
    addressRange(text);
    return true;
  } catch {
    // An object without an IPv4 address, such as a DNS host.
    return false;
  }
}
