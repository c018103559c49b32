import { type PortRange, portOf } from "../../ports";
import type { Desired, Leg } from "../model/desired";
import type { Found, FoundRoute } from "../model/found";
import { redirectionOf } from "../model/names";
import { resolvedName } from "./interfaces";
import { portsFor } from "./match";
import { isShadowed } from "./overlap";

/** The wanted state, one canonical line for each policy route. */
export function desiredRules({ legs }: Desired): string[] {
  return legs.flatMap((leg) => leg.interfaces.map((text) => `${leg.redirection.name}: ${wantedText(leg, text)}`));
}

/** The same lines as found on the router, with the interfaces as the user wrote them. */
export function foundRules({ legs }: Desired, found: Found): string[] {
  const names = new Set(legs.map(({ redirection }) => redirection.name));
  const texts = new Map(legs.flatMap((leg) => leg.interfaces).map((text) => [resolvedName(text, found), text]));
  const wanted = legs.flatMap((leg) =>
    leg.interfaces.map((text) => `${leg.redirection.name}: ${wantedText(leg, text)}`),
  );
  const lines = found.routes
    .filter(({ name }) => names.has(redirectionOf(name) ?? ""))
    .map((route) => `${redirectionOf(route.name)}: ${foundText(route, texts, found)}`);
  const order = (line: string) => (wanted.includes(line) ? wanted.indexOf(line) : wanted.length);
  return lines.sort((left, right) => order(left) - order(right));
}

/** The policy route of a leg on one interface, in canonical form. */
function wantedText({ direction, sources, destinations, ports, redirection }: Leg, text: string): string {
  const service = `tcp ${direction === "in" ? "" : "source "}${ports.map(portOf).join(",")}`;
  return routeText(text, sources, destinations, service, redirection.spsAddress);
}

function foundText(route: FoundRoute, texts: ReadonlyMap<string, string>, found: Found): string {
  const { match, gateway, isOn, position } = route;
  const name = match.interface ?? "?";
  const text = routeText(texts.get(name) ?? name, match.sources, match.destinations, serviceText(route), gateway);
  const states = [
    ...(isOn ? [] : ["off"]),
    ...(position === 0 ? ["in no list"] : []),
    ...(isShadowed(route, found) ? ["below a policy route with the same traffic"] : []),
  ];
  return [text, ...states].join(", ");
}

function serviceText({ match }: FoundRoute): string {
  const [destinations, sources] = [portsFor(match, "in"), portsFor(match, "out")];
  if (destinations) return `tcp ${texts(destinations)}`;
  return sources ? `tcp source ${texts(sources)}` : "another service";
}

const texts = (ranges: readonly PortRange[]) => ranges.map(portOf).join(",");

function routeText(
  interfaceText: string,
  sources: readonly string[] | undefined,
  destinations: readonly string[] | undefined,
  service: string,
  gateway: string | undefined,
): string {
  const networks = (list: readonly string[] | undefined) =>
    list === undefined ? "another network" : list.length === 0 ? "any" : list.join(",");
  const where = interfaceText === "" ? "any interface" : `interface ${interfaceText}`;
  return `policy route on ${where}: from ${networks(sources)} to ${networks(destinations)}, ${service}, gateway ${gateway ?? "another target"}`;
}
