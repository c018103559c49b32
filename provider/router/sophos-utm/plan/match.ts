import { ALL_PORTS, joinRanges, type PortRange } from "../../ports";
import type { Leg } from "../model/desired";
import type { FoundRoute, RouteMatch } from "../model/found";
import type { Direction } from "../model/names";

/** Whether a range holds every port. */
export const isAll = ({ first, last }: PortRange) => first <= 1 && last === ALL_PORTS.last;

/**
 * The ports of servers that a match selects in a direction; undefined when it also selects by the other side's ports, or
 * anything but TCP.
 */
export function portsFor({ service }: RouteMatch, direction: Direction): PortRange[] | undefined {
  const [near, far] = direction === "in" ? (["destination", "source"] as const) : (["source", "destination"] as const);
  if (!service?.isTcpAlone) return undefined;
  const { ports } = service;
  if (ports.some((one) => !isAll(one[far]) || isAll(one[near]))) return undefined;
  return joinRanges(
    ports.map((one) => one[near]),
    1,
  );
}

/** Whether a policy route does what a leg wants on an interface, once it is on. */
export function isFor({ match, gateway }: FoundRoute, leg: Leg, interfaceName: string): boolean {
  const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);
  return (
    match.interface === interfaceName &&
    same(match.sources, leg.sources) &&
    same(match.destinations, leg.destinations) &&
    same(portsFor(match, leg.direction), leg.ports) &&
    gateway === leg.redirection.spsAddress
  );
}
