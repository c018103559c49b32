import { networkText } from "../../common/ipv4";
import type { Configuration, Interface } from "../configuration";
import { lengthOfMask, NULL_INTERFACE, type StaticRoute, staticRoutesOf } from "./static-route";

/** A route of a table, as configured. A permanent one stays without a way to its next hop; packets are dropped then. */
export interface TableRoute extends Omit<StaticRoute, "vrf" | "name" | "track"> {
  kind: "connected" | "static";
}

/** Where packets of a route really go: a neighbour on a link, the link itself, or nowhere (`Null0`). */
export interface Hop {
  interface: string;
  gateway?: string;
}

/** The VRF of an interface. */
export function vrfOf({ others }: Interface): string | undefined {
  return others.flatMap((line) => /^vrf forwarding (\S+)$/.exec(line)?.[1] ?? [])[0];
}

/**
 * The routing table of a VRF, without one the global table: connected networks, and of the static routes to a network those
 * with the lowest distance that can be used. A next hop is looked up in the table itself; also the default route leads to one.
 */
export function routingTable(
  configuration: Configuration,
  isUp: (track: number) => boolean,
  vrf?: string,
): TableRoute[] {
  const connected = configuration.interfaces.filter((one) => vrfOf(one) === vrf).flatMap(connectedRoutes);
  const candidates = staticRoutesOf(configuration)
    .filter((one) => one.vrf === vrf && one.distance < 255 && (one.track === undefined || isUp(one.track)))
    .sort((left, right) => left.distance - right.distance);
  const links = new Set(
    configuration.interfaces.filter((one) => !one.isShutDown && vrfOf(one) === vrf).map(({ name }) => name),
  );
  let table = connected;
  let waiting = candidates;
  // A route may lead to the next hop of another one.
  for (;;) {
    const usable = waiting.filter((one) => isUsable(one, table, links));
    const added = usable.filter((one) => !table.some((other) => isBetter(other, one)));
    const next = [...table, ...added.map(toTableRoute)].filter((one) => !added.some((other) => isBetter(other, one)));
    waiting = waiting.filter((one) => !added.includes(one));
    if (added.length === 0)
      return table.filter((one) => one.kind === "connected" || one.isPermanent || hopOf(one, table) !== undefined);
    table = next;
  }
}

function toTableRoute({
  network,
  length,
  interface: name,
  gateway,
  distance,
  tag,
  isPermanent,
}: StaticRoute): TableRoute {
  return {
    kind: "static",
    network,
    length,
    ...(name !== undefined && { interface: name }),
    ...(gateway !== undefined && { gateway }),
    distance,
    ...(tag !== undefined && { tag }),
    ...(isPermanent && { isPermanent }),
  };
}

/** Whether a route keeps another one to the same network out of the table. */
function isBetter(one: Destination & { distance: number }, other: Destination & { distance: number }): boolean {
  return isSameNetwork(one, other) && one.distance < other.distance;
}

type Destination = Pick<TableRoute, "network" | "length">;

function isSameNetwork(one: Destination, other: Destination): boolean {
  return one.network === other.network && one.length === other.length;
}

function isUsable(route: StaticRoute, table: readonly TableRoute[], links: ReadonlySet<string>): boolean {
  const { interface: name, gateway, isPermanent } = route;
  if (isPermanent) return true;
  if (name !== undefined) return name === NULL_INTERFACE || links.has(name);
  // A route does not lead to its own next hop.
  const resolved = gateway === undefined ? undefined : longestMatch(gateway, [...table, toTableRoute(route)]);
  return resolved !== undefined && !isSameNetwork(resolved, route);
}

/** The most specific route to an address. */
export function longestMatch<Route extends Destination>(address: string, table: readonly Route[]): Route | undefined {
  return table
    .filter(({ network, length }) => networkText(address, length) === network)
    .reduce<Route | undefined>((best, one) => (best && best.length >= one.length ? best : one), undefined);
}

/** Where the packets of a route go; undefined for next hops that lead in a circle or nowhere. */
export function hopOf(route: TableRoute, table: readonly TableRoute[], depth = 0): Hop | undefined {
  const { interface: name, gateway } = route;
  if (name !== undefined) return { interface: name, ...(gateway !== undefined && { gateway }) };
  const via = gateway === undefined || depth > table.length ? undefined : longestMatch(gateway, table);
  if (!via || gateway === undefined) return undefined;
  if (via.kind === "connected") return { interface: via.interface ?? NULL_INTERFACE, gateway };
  const hop = hopOf(via, table, depth + 1);
  // Behind a route to a link alone, the next hop itself is asked for there.
  return hop && (hop.gateway !== undefined || hop.interface === NULL_INTERFACE ? hop : { ...hop, gateway });
}

function connectedRoutes({ name, address, secondaries, isShutDown }: Interface): TableRoute[] {
  if (!address || isShutDown) return [];
  return [address, ...secondaries].map((one): TableRoute => {
    const length = lengthOfMask(one.mask) ?? 32;
    return { kind: "connected", network: networkText(one.address, length), length, interface: name, distance: 0 };
  });
}
