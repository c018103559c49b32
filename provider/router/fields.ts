import { field, IPV4_SHAPE, isIpv4, NETWORK_SHAPE, text } from "../core/fields";
import { UNKNOWN } from "../core/unknown";
import { isCanonicalNetwork, isRoutable } from "./networks";
import { type Port, portRange } from "./ports";

/** Names that the kernel's settings use for all interfaces or for interfaces yet to come. */
const RESERVED_NAMES = ["all", "default"];

/** A network interface of the router: by its name, by an address it has, or by where the router sends packets with it. */
export type InterfacePick = string | { address: string } | { towards: string };

/** An interface of the router: its name, of at most 15 characters and no wildcard, or what it is found by. */
export function interfacePick(meaning: string) {
  return field<InterfacePick>(
    (value) => {
      if (typeof value === "string") return isInterfaceName(value) ? value : undefined;
      if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return undefined;
      const { address, towards } = value as { address?: unknown; towards?: unknown };
      if (address === UNKNOWN || towards === UNKNOWN) return UNKNOWN;
      if (isIpv4(address)) return { address };
      return isIpv4(towards) || isCanonicalNetwork(towards) ? { towards } : undefined;
    },
    {
      allowed:
        'the name of an interface (1 to 15 letters, digits, dots, colons, dashes or underscores, no wildcard), {address: "10.0.0.1"} for the one with that address, or {towards: "10.0.0.0/24"} for the one that the router reaches that network with',
    },
    meaning,
  );
}

/** Tells whether a text is a name that an interface can have, no wildcard in any kind of rule. */
export function isInterfaceName(value: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}$/.test(value) && !RESERVED_NAMES.includes(value);
}

const PORT_SHAPES = [
  { type: "integer", minimum: 1, maximum: 65535 },
  { type: "string", pattern: "^\\d{1,5}(-\\d{1,5})?$" },
] as const;

/** A TCP port, or a range of ports as text. */
export function portOrRange(meaning: string) {
  return field<Port>(
    (value) => (portRange(value) ? (value as Port) : undefined),
    { anyOf: PORT_SHAPES, allowed: '1 to 65535, or a range such as "5900-5910"' },
    meaning,
  );
}

/** An IPv4 network that clients or servers can be in. */
export function trafficNetwork(meaning: string) {
  return field<string>(
    (value) => (isCanonicalNetwork(value) && isRoutable(value) ? value : undefined),
    {
      ...NETWORK_SHAPE,
      allowed:
        "an IPv4 network without host bits, such as 10.0.0.0/24, that is not all addresses, loopback or multicast (IPv6 is not supported)",
    },
    meaning,
  );
}

/** The IPv4 address of a host that packets can be routed to. */
export function hostAddress(meaning: string) {
  return field<string>(
    (value) => (isIpv4(value) && isRoutable(value) ? value : undefined),
    { ...IPV4_SHAPE, allowed: "the IPv4 address of a host, such as 10.0.0.1 (IPv6 is not supported)" },
    meaning,
  );
}

/** The name a redirection is known by on the router. */
export function redirectionName(meaning: string) {
  return text(
    /^[a-z][a-z0-9-]{0,19}$/,
    "1 to 20 lower-case letters, digits and dashes, beginning with a letter",
    meaning,
  );
}
