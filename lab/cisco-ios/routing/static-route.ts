import { addressValue, maskText, networkText } from "../../common/ipv4";
import type { Configuration } from "../configuration";

/** A line `ip route`. */
export interface StaticRoute {
  /** The VRF whose table it belongs to; without one, the global table. */
  vrf?: string;
  network: string;
  length: number;
  /** Full name of the interface that packets leave by; `Null0` drops them. */
  interface?: string;
  gateway?: string;
  /** Administrative distance, 1 to 255. 255 is never used. */
  distance: number;
  tag?: number;
  name?: string;
  /** Object of `track` that has to be up. */
  track?: number;
  /** Whether the route stays when its interface goes down. */
  isPermanent?: boolean;
}

/** The interface that drops packets. */
export const NULL_INTERFACE = "Null0";

const ADDRESS = /^(\d{1,3}\.){3}\d{1,3}$/;

/** The length of a mask; undefined when its bits are not contiguous. */
export function lengthOfMask(mask: string): number | undefined {
  const length = mask
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("")
    .replace(/0+$/, "").length;
  return maskText(length) === mask ? length : undefined;
}

/**
 * Reads the words after `ip route`. Interfaces are given their full name by `nameOf`.
 * @returns undefined for words that are no route, of which a part may be missing
 */
export function parseStaticRoute(
  words: readonly string[],
  nameOf: (text: string) => string | undefined,
): StaticRoute | undefined {
  const rest = [...words];
  const vrf = rest[0] === "vrf" ? rest.splice(0, 2)[1] : undefined;
  const [network = "", mask = ""] = rest.splice(0, 2);
  const length = ADDRESS.test(mask) ? lengthOfMask(mask) : undefined;
  if (!ADDRESS.test(network) || length === undefined) return undefined;
  const name = takeInterface(rest, nameOf);
  const gateway = ADDRESS.test(rest[0] ?? "") ? rest.shift() : undefined;
  const options = takeOptions(rest);
  if ((name === undefined && gateway === undefined) || !options) return undefined;
  return {
    ...(vrf !== undefined && { vrf }),
    network,
    length,
    ...(name !== undefined && { interface: name }),
    ...(gateway !== undefined && { gateway }),
    ...options,
  };
}

function takeInterface(rest: string[], nameOf: (text: string) => string | undefined): string | undefined {
  const [first = "", second = ""] = rest;
  if (!/^[a-z]/i.test(first)) return undefined;
  const isSplit = !/\d/.test(first) && /^\d/.test(second);
  const name = nameOf(isSplit ? first + second : first);
  if (name !== undefined) rest.splice(0, isSplit ? 2 : 1);
  return name;
}

type Options = Pick<StaticRoute, "distance" | "tag" | "name" | "track" | "isPermanent">;

/** The distance comes first; the others in any order. Undefined when a word is none of them. */
function takeOptions(rest: string[]): Options | undefined {
  const options: Options = { distance: /^\d+$/.test(rest[0] ?? "") ? Number(rest.shift()) : 1 };
  if (options.distance < 1 || options.distance > 255) return undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const value = word === "permanent" ? "" : rest.shift();
    if (value === undefined) return undefined;
    if (word === "permanent") options.isPermanent = true;
    else if (word === "name") options.name = value;
    else if (word === "tag" && isNumber(value, 4_294_967_295)) options.tag = Number(value);
    else if (word === "track" && isNumber(value, 1000)) options.track = Number(value);
    else return undefined;
  }
  // A route is permanent or tracked.
  return options.isPermanent && options.track !== undefined ? undefined : options;
}

function isNumber(text: string, highest: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= highest;
}

/** A route as the running configuration shows it. */
export function staticRouteText(route: StaticRoute): string {
  const { vrf, network, length, interface: name, gateway, distance, tag, name: label, track, isPermanent } = route;
  return [
    "ip route",
    ...(vrf === undefined ? [] : [`vrf ${vrf}`]),
    network,
    maskText(length),
    ...(name === undefined ? [] : [name]),
    ...(gateway === undefined ? [] : [gateway]),
    ...(distance === 1 ? [] : [distance]),
    ...(tag === undefined ? [] : [`tag ${tag}`]),
    ...(isPermanent ? ["permanent"] : []),
    ...(label === undefined ? [] : [`name ${label}`]),
    ...(track === undefined ? [] : [`track ${track}`]),
  ].join(" ");
}

/** The static routes of a configuration, with the lines that they are kept in. */
export function staticRoutesOf({ globals }: Configuration): (StaticRoute & { line: string })[] {
  return globals.flatMap((line) => {
    const [first, second, ...words] = line.split(" ");
    const route = first === "ip" && second === "route" ? parseStaticRoute(words, (name) => name) : undefined;
    return route ? [{ ...route, line }] : [];
  });
}

/** Compares routes as the running configuration orders them: those of the global table first, then by network and mask. */
export function compareRoutes(left: StaticRoute, right: StaticRoute): number {
  const byVrf = (left.vrf ?? "").localeCompare(right.vrf ?? "");
  return byVrf || addressValue(left.network) - addressValue(right.network) || left.length - right.length;
}

/** Whether a network has no bits below its mask. */
export function isAligned(network: string, length: number): boolean {
  return networkText(network, length) === network;
}
