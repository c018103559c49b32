import type { Configuration } from "../../configuration";
import { vrfOf } from "../../routing/routing-table";
import {
  compareRoutes,
  isAligned,
  lengthOfMask,
  NULL_INTERFACE,
  parseStaticRoute,
  type StaticRoute,
  staticRoutesOf,
  staticRouteText,
} from "../../routing/static-route";
import { BAD_NAME, type ConfigurationCommand } from "../context";
import { findInterface } from "../interface";

const NOT_FOUND = "%No matching route to delete";

/** What a device says to a route that leads to a link of many hosts; the route is there nevertheless. */
export const WITHOUT_GATEWAY =
  "%Default route without gateway, if not a point-to-point interface, may impact performance";

/** `ip route`, of the global table and of VRFs. The kernel of the lab follows those of the global table. */
export const STATIC_ROUTE_COMMANDS: readonly ConfigurationCommand[] = [
  { pattern: "ip route <ipv4> <ipv4> <words>", run: ({ configuration }, words) => addRoute(configuration, words) },
  {
    pattern: "ip route vrf <name> <ipv4> <ipv4> <words>",
    run: ({ configuration }, words) => addRoute(configuration, ["vrf", ...words]),
  },
  ...["no ip route <ipv4> <ipv4>", "no ip route <ipv4> <ipv4> <words>"].map(
    (pattern): ConfigurationCommand => ({
      pattern,
      run: ({ configuration }, words) => removeRoutes(configuration, words),
    }),
  ),
  ...["no ip route vrf <name> <ipv4> <ipv4>", "no ip route vrf <name> <ipv4> <ipv4> <words>"].map(
    (pattern): ConfigurationCommand => ({
      pattern,
      run: ({ configuration }, [vrf = "", ...words]) => removeRoutes(configuration, words, vrf),
    }),
  ),
];

function addRoute(configuration: Configuration, words: readonly string[]): string | undefined {
  const [network = "", mask = ""] = words[0] === "vrf" ? words.slice(2) : words;
  const length = lengthOfMask(mask);
  if (length === undefined || !isAligned(network, length)) return "%Inconsistent address and mask";
  const route = parseStaticRoute(words, (text) => interfaceName(configuration, text));
  return route === undefined ? BAD_NAME : (refusalOf(route, configuration) ?? keep(route, configuration));
}

/** Assumed: the words for destinations that no unicast route has. */
function refusalOf({ vrf, network, gateway, interface: name }: StaticRoute, configuration: Configuration) {
  const { vrfs, interfaces } = configuration;
  if (vrf !== undefined && !vrfs.some((one) => one.name === vrf)) {
    return `%IP routing table VRF ${vrf} does not exist. Create first`;
  }
  const isUnicast = (address: string) => Number(address.split(".")[0]) < 224 && !address.startsWith("127.");
  if (!isUnicast(network)) return "%Invalid destination prefix";
  if (vrf !== undefined && name !== undefined && name !== NULL_INTERFACE && gateway === undefined) {
    return "%For VPN routes, must specify a next hop IP address if not a point-to-point interface";
  }
  if (gateway === undefined) return undefined;
  if (!isUnicast(gateway) || gateway.startsWith("0.")) return "%Invalid next hop address";
  const isOwn = interfaces
    .filter((one) => vrfOf(one) === vrf)
    .some(({ address, secondaries }) => [address, ...secondaries].some((one) => one?.address === gateway));
  return isOwn ? "%Invalid next hop address (it's this router)" : undefined;
}

/** One route to a network by the same way takes the place of another. */
function keep(route: StaticRoute, configuration: Configuration): string | undefined {
  const known = staticRoutesOf(configuration).find((one) => isSameWay(one, route));
  const { globals } = configuration;
  const text = staticRouteText(route);
  if (known) globals.splice(globals.indexOf(known.line), 1, text);
  else {
    const later = staticRoutesOf(configuration).find((one) => compareRoutes(one, route) > 0);
    const last = globals.findLastIndex((line) => line.startsWith("ip route "));
    globals.splice(later ? globals.indexOf(later.line) : last < 0 ? globals.length : last + 1, 0, text);
  }
  const isLink = route.interface !== undefined && route.interface !== NULL_INTERFACE;
  return isLink && route.gateway === undefined ? WITHOUT_GATEWAY : undefined;
}

function isSameWay(one: StaticRoute, other: StaticRoute): boolean {
  return (
    compareRoutes(one, other) === 0 &&
    (one.vrf ?? "") === (other.vrf ?? "") &&
    one.interface === other.interface &&
    one.gateway === other.gateway
  );
}

/** Removes the routes to a network; with words after it, the one by this way, whose settings have to be these. */
function removeRoutes(configuration: Configuration, words: readonly string[], vrf?: string): string | undefined {
  const [network = "", mask = "", ...rest] = words;
  const length = lengthOfMask(mask);
  const place = vrf === undefined ? [] : ["vrf", vrf];
  const given = parseStaticRoute([...place, ...words], (text) => interfaceName(configuration, text));
  if (rest.length > 0 && !given) return BAD_NAME;
  const removed = staticRoutesOf(configuration).filter((one) => {
    if (one.vrf !== vrf || one.network !== network || one.length !== length) return false;
    return !given || (isSameWay(one, given) && hasSettings(one, given));
  });
  if (removed.length === 0) return NOT_FOUND;
  const lines = new Set(removed.map(({ line }) => line));
  configuration.globals = configuration.globals.filter((line) => !lines.has(line));
  return undefined;
}

function hasSettings(one: StaticRoute, given: StaticRoute): boolean {
  return (
    (given.distance === 1 || given.distance === one.distance) &&
    (["tag", "name", "track", "isPermanent"] as const).every(
      (key) => given[key] === undefined || given[key] === one[key],
    )
  );
}

function interfaceName(configuration: Configuration, text: string): string | undefined {
  return /^nu(l(l)?)?0$/i.test(text) ? NULL_INTERFACE : findInterface(configuration, text)?.name;
}
