import { areRangesOverlapping } from "../../../core/ranges";
import { areNetworksOverlapping } from "../../networks";
import { ALL_PORTS } from "../../ports";
import type { Leg } from "../model/desired";
import type { Found, FoundRoute, RouteMatch } from "../model/found";

/** What a leg matches on an interface, in the form of a policy route. */
export function matchOf({ direction, sources, destinations, ports }: Leg, interfaceName: string): RouteMatch {
  return {
    interface: interfaceName,
    sources: [...sources],
    destinations: [...destinations],
    service: {
      isTcpAlone: true,
      ports: ports.map((range) =>
        direction === "in" ? { source: ALL_PORTS, destination: range } : { source: range, destination: ALL_PORTS },
      ),
    },
  };
}

/** Whether a packet may match both. What is not understood counts as matching. */
export function areMatchesOverlapping(left: RouteMatch, right: RouteMatch): boolean {
  const isSameInterface = !left.interface || !right.interface || left.interface === right.interface;
  return (
    isSameInterface &&
    areListsOverlapping(left.sources, right.sources) &&
    areListsOverlapping(left.destinations, right.destinations) &&
    arePortsOverlapping(left, right)
  );
}

/** Whether a policy route above it that is on, and leads elsewhere, takes some of its traffic. */
export function isShadowed(route: FoundRoute, { routes }: Found): boolean {
  return routes.some(
    (other) =>
      other.isOn &&
      other.position > 0 &&
      other.position < route.position &&
      (other.gateway === undefined || other.gateway !== route.gateway) &&
      areMatchesOverlapping(other.match, route.match),
  );
}

function areListsOverlapping(left: readonly string[] = [], right: readonly string[] = []): boolean {
  if (left.length === 0 || right.length === 0) return true;
  return left.some((one) => right.some((other) => areNetworksOverlapping(one, other)));
}

/** Redirections are TCP alone, so other protocols have nothing in common with them. */
function arePortsOverlapping({ service: left }: RouteMatch, { service: right }: RouteMatch): boolean {
  if (!left || !right) return true;
  return left.ports.some((one) =>
    right.ports.some(
      (other) =>
        areRangesOverlapping(one.source, other.source) && areRangesOverlapping(one.destination, other.destination),
    ),
  );
}
