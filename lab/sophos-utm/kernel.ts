import { addressText, addressValue } from "../common/ipv4";
import { NORMAL_MARK, type PathMarks, type PolicyPath, policyRoutingScript } from "../network/policy-routing";
import type { Configuration, UtmObject } from "./configuration";

/** The kernel interfaces of the lab's router by the references of the emulated interfaces. */
export type InterfaceNames = ReadonlyMap<string, string>;

/**
 * The script that makes the kernel of the lab's router forward as the policy routes say. Documented: the first route in the
 * node `routes.policy` that is on and matches decides. Assumed: it decides for each packet that arrives, not for a connection,
 * and normal routing applies while the gateway is unreachable.
 */
export function kernelScript(configuration: Configuration, names: InterfaceNames, marks: PathMarks): string {
  const find = (ref: unknown) => configuration.objects.get(String(ref));
  const routes = (configuration.node("routes.policy") as string[])
    .map(find)
    .filter((route): route is UtmObject => route?.status === true && find(route.target)?._type === "network/host");
  const pathOf = (route: UtmObject): PolicyPath => ({
    nextHops: [String(find(route.target)?.address)],
    isDropping: false,
  });
  const paths = new Map(routes.map((route) => [marks.markOf(pathOf(route)), pathOf(route)]));
  const rules = routes.flatMap((route, index) => {
    const device = route.interface === "" ? undefined : names.get(String(route.interface));
    // A route of an interface that the lab has not never matches.
    if (route.interface !== "" && device === undefined) return [];
    const chain = `UTM-${index}`;
    const matches = networksOf(route.source, find).flatMap((source) =>
      networksOf(route.destination, find).flatMap((destination) =>
        servicesOf(route.service, find).map((service) => `${source("-s")}${destination("-d")}${service}`),
      ),
    );
    return [
      `:${chain} - [0:0]`,
      `-A POLICY ${device === undefined ? "" : `-i ${device} `}-m mark --mark 0 -j ${chain}`,
      ...matches.map(
        (match) => `-A ${chain} ${match}-m mark --mark 0 -j MARK --set-mark ${marks.markOf(pathOf(route))}`,
      ),
    ];
  });
  // Packets of no route keep no mark of a route.
  const last = `-A POLICY -m mark --mark 0 -j MARK --set-mark ${NORMAL_MARK}`;
  return policyRoutingScript({ paths: [...paths.values()], rules: [...rules, last] }, marks);
}

type Find = (ref: unknown) => UtmObject | undefined;

/** Each network as the match of one side. */
function networksOf(ref: unknown, find: Find): ((side: "-s" | "-d") => string)[] {
  const object = find(ref);
  if (object?._type === "network/group") return (object.members as string[]).flatMap((one) => networksOf(one, find));
  if (object?._type === "network/any") return [() => ""];
  if (object?._type === "network/range") return rangeNetworks(String(object.from), String(object.to));
  if (object?._type === "network/aaa" || object?._type === "network/dns_group") {
    return (object.addresses as string[]).map((address) => (side) => `${side} ${address} `);
  }
  if (!object) return [];
  const prefix = "netmask" in object ? `/${object.netmask}` : "";
  return [(side) => `${side} ${object.address}${prefix} `];
}

/** The networks that a range of addresses consists of. */
function rangeNetworks(first: string, last: string): ((side: "-s" | "-d") => string)[] {
  const networks: ((side: "-s" | "-d") => string)[] = [];
  for (let at = addressValue(first); at <= addressValue(last); ) {
    let size = 1;
    while (size < 2 ** 32 && at % (size * 2) === 0 && at + size * 2 - 1 <= addressValue(last)) size *= 2;
    const network = `${addressText(at)}/${32 - Math.log2(size)}`;
    networks.push((side) => `${side} ${network} `);
    at += size;
  }
  return networks;
}

function servicesOf(ref: unknown, find: Find): string[] {
  const object = find(ref);
  if (object?._type === "service/group") return (object.members as string[]).flatMap((one) => servicesOf(one, find));
  if (object?._type === "service/any") return [""];
  if (!object) return [];
  const [, kind = ""] = object._type.split("/");
  const { src_low, src_high, dst_low, dst_high, proto, type, code } = object;
  const withPorts = (one: string) => `-p ${one} --sport ${src_low}:${src_high} --dport ${dst_low}:${dst_high} `;
  switch (kind) {
    case "tcpudp":
      return ["tcp", "udp"].map(withPorts);
    case "ip":
      return [`-p ${proto} `];
    case "icmp":
      return [`-p icmp --icmp-type ${type}/${code} `];
    case "icmpv6":
      // Packets of IPv6 take no policy route of the lab.
      return [];
    case "ah":
    case "esp":
      return [`-p ${kind} `];
    default:
      return [withPorts(kind)];
  }
}
