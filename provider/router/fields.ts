import { field, IPV4_SHAPE, isIpv4, NETWORK_SHAPE, text } from "../core/fields";
import { isCanonicalNetwork, isRoutable } from "./networks";
import { type Port, portRange } from "./ports";

/** An interface of the router: its name, or how to select it. The platform checks which names are valid. */
export function routerInterface(meaning: string) {
  return field<string>(
    (value) => (typeof value === "string" && isInterface(value) ? value : undefined),
    {
      type: "string",
      pattern: "^[!-~]([ -~]{0,62}[!-~])?$",
      allowed:
        'the name of an interface, "address:10.0.0.1" for the one with that address, "towards:10.0.0.0/24" for the one that the router reaches that network through',
    },
    meaning,
  );
}

function isInterface(value: string): boolean {
  const selector = interfaceSelector(value);
  if (!selector) return /^[!-~]([ -~]{0,62}[!-~])?$/.test(value);
  if (selector.kind === "address") return isIpv4(selector.value);
  return isIpv4(selector.value) || isCanonicalNetwork(selector.value);
}

/** How an interface is selected when it is not given by name; undefined for names. */
export function interfaceSelector(text: string): { kind: "address" | "towards"; value: string } | undefined {
  const [, kind, value = ""] = /^(address|towards):(.*)$/.exec(text) ?? [];
  return kind === "address" || kind === "towards" ? { kind, value } : undefined;
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

/** An IPv4 network of clients or servers. */
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

/** The IPv4 address of a host that can be a next hop. */
export function hostAddress(meaning: string) {
  return field<string>(
    (value) => (isIpv4(value) && isRoutable(value) ? value : undefined),
    { ...IPV4_SHAPE, allowed: "the IPv4 address of a host, such as 10.0.0.1 (IPv6 is not supported)" },
    meaning,
  );
}

/** The name of a redirection on the router. */
export function redirectionName(meaning: string) {
  return text(
    /^[a-z][a-z0-9-]{0,19}$/,
    "1 to 20 lower-case letters, digits and dashes, beginning with a letter",
    meaning,
  );
}
