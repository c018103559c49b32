import { ALL_PORTS } from "../../ports";
import type { ServiceMatch, TcpPorts } from "../model/found";
import { type ApiObject, membersOf, type Objects } from "./api-object";

/**
 * The types of services that redirections never have. They are read where a policy route or the packet filter may refer to
 * them. Documented: the types, and the attributes of `ip`; those of `ah`, `esp` and `icmpv6` are not needed.
 */
export const OTHER_SERVICES = ["tcpudp", "udp", "ip", "icmp", "icmpv6", "ah", "esp"] as const;

/** The number of the protocol TCP. */
const TCP = 6;

const NO_TCP: ServiceMatch = { ports: [], isTcpAlone: false };
const ALL_TCP: TcpPorts = { source: ALL_PORTS, destination: ALL_PORTS };

/** What the service behind a reference matches; undefined when it is not understood and may match anything. */
export function serviceOf(reference: string, objects: Objects, depth = 0): ServiceMatch | undefined {
  const service = objects.get(reference);
  if (service?._type !== "service/group") return service && singleService(service);
  const members = membersOf(service, depth).map((one) => serviceOf(one, objects, depth + 1));
  // The API lets groups be empty; it is not documented what these match.
  if (members.length === 0 || !members.every((one) => one !== undefined)) return undefined;
  return { ports: members.flatMap(({ ports }) => ports), isTcpAlone: members.every(({ isTcpAlone }) => isTcpAlone) };
}

function singleService(service: ApiObject): ServiceMatch | undefined {
  switch (service._type) {
    case "service/tcp":
      return { ports: [tcpPorts(service)], isTcpAlone: true };
    case "service/tcpudp":
      return { ports: [tcpPorts(service)], isTcpAlone: false };
    case "service/any":
      return { ports: [ALL_TCP], isTcpAlone: false };
    case "service/ip":
      return protocolService(Number(service.proto));
    case "service/udp":
    case "service/icmp":
    case "service/icmpv6":
    case "service/ah":
    case "service/esp":
      return NO_TCP;
    default:
      return undefined;
  }
}

/** It is not documented whether protocol 0 stands for every protocol. */
function protocolService(protocol: number): ServiceMatch | undefined {
  if (protocol === TCP) return { ports: [ALL_TCP], isTcpAlone: true };
  return Number.isInteger(protocol) && protocol > 0 ? NO_TCP : undefined;
}

/** The ports of a definition for TCP. */
function tcpPorts({ src_low, src_high, dst_low, dst_high }: ApiObject): TcpPorts {
  const range = (first: unknown, last: unknown) => ({ first: Number(first), last: Number(last) });
  return { source: range(src_low, src_high), destination: range(dst_low, dst_high) };
}

/** Whether a policy route refers to a service, directly or by groups, that is not among the objects. */
export function hasUnreadService(objects: readonly ApiObject[]): boolean {
  const byReference: Objects = new Map(objects.map((one) => [one._ref, one]));
  const isUnread = (reference: string, depth = 0): boolean => {
    const service = byReference.get(reference);
    if (service?._type !== "service/group") return service === undefined;
    return membersOf(service, depth).some((one) => isUnread(one, depth + 1));
  };
  return objects.some(({ _type, service }) => _type === "route/policy" && isUnread(String(service)));
}
