import { isWithin } from "../../networks";
import type { PortRange } from "../../ports";
import type { Leg } from "../model/desired";
import type { Found, FoundRoute } from "../model/found";
import { redirectionOf } from "../model/names";
import { portsFor } from "./match";

/** A policy route of others that already does part of a redirection, whatever its name is. */
export interface HandMade {
  route: FoundRoute;
  redirection: string;
}

/** The policy routes of others that are on and send traffic that is all of a redirection to its SPS. */
export function handMadeRoutes(legs: readonly Leg[], { routes }: Found): HandMade[] {
  return legs.flatMap((leg) =>
    routes
      .filter((route) => route.isOn && route.position > 0 && redirectionOf(route.name) === undefined)
      .filter((route) => isPartOf(route, leg))
      .map((route) => ({ route, redirection: leg.redirection.name })),
  );
}

function isPartOf({ match, gateway }: FoundRoute, leg: Leg): boolean {
  const ports = portsFor(match, leg.direction);
  if (!ports) return false;
  return (
    gateway === leg.redirection.spsAddress &&
    leg.interfaces.some((name) => name === match.interface) &&
    areWithin(match.sources, leg.sources) &&
    areWithin(match.destinations, leg.destinations) &&
    ports.every((range) => leg.ports.some((wanted) => isInRange(range, wanted)))
  );
}

/** Whether networks are all in others; empty lists stand for any. */
function areWithin(inner: readonly string[] | undefined, outer: readonly string[]): boolean {
  if (outer.length === 0) return true;
  if (!inner || inner.length === 0) return false;
  return inner.every((one) => outer.some((other) => isWithin(one, other)));
}

function isInRange(inner: PortRange, outer: PortRange): boolean {
  return inner.first >= outer.first && inner.last <= outer.last;
}
