import { areNetworksOverlapping, isWithin } from "../../networks";
import { type PortRange, portOf } from "../../ports";
import { areRangesOverlapping } from "../../ranges";
import type { Redirection } from "../../redirection";
import type { FilterRule, Found } from "../model/found";
import type { PlanContext } from "./decision";
import { ALL_PORTS, portsFor } from "./match";

/** Traffic that the packet filter must accept; an empty list stands for any network. */
interface Flow {
  title: string;
  sources: readonly string[];
  destinations: readonly string[];
  ports: readonly PortRange[];
}

/** Whether the packet filter, which drops by default, lets the traffic of redirections pass. One sentence for each that it does not. */
export function packetFilterWarnings({ found, legs }: Pick<PlanContext, "found" | "legs">): string[] {
  const inward = legs.filter(({ direction }) => direction === "in");
  if (inward.length === 0) return [];
  if (found.packetFilter === undefined)
    return [
      "the packet filter cannot be read with this user: it must accept clients to servers on the ports of the redirections, and in addressMode own SPS to servers",
    ];
  return inward.flatMap(({ redirection, sources, destinations, ports }) =>
    flowsOf(redirection, sources, destinations, ports).flatMap((flow) => faultOf(flow, found) ?? []),
  );
}

function flowsOf(
  { name, spsAddress, addressMode }: Redirection,
  sources: readonly string[],
  destinations: readonly string[],
  ports: readonly PortRange[],
): Flow[] {
  const title = (who: string) => `${who} to servers of redirection ${name} on tcp ${ports.map(portOf).join(",")}`;
  return [
    { title: title("clients"), sources, destinations, ports },
    ...(addressMode === "own" ? [{ title: title("SPS"), sources: [`${spsAddress}/32`], destinations, ports }] : []),
  ];
}

/** The first rule that matches a packet decides. */
function faultOf({ title, ...flow }: Flow, { packetFilter = [] }: Found): string | undefined {
  for (const rule of packetFilter) {
    if (rule.action === "accept") {
      if (isCovering(rule, flow)) return undefined;
    } else if (mayMatch(rule, flow)) {
      return `rule ${rule.position}${rule.name === "" ? "" : ` "${rule.name}"`} of the packet filter may ${rule.action} ${title}`;
    }
  }
  return `no rule of the packet filter accepts all of ${title}; add one in Network Protection > Firewall`;
}

function isCovering({ sources, destinations, services }: FilterRule, flow: Omit<Flow, "title">): boolean {
  const covers = (outer: readonly string[] | undefined, inner: readonly string[]) =>
    outer !== undefined &&
    (outer.length === 0 || (inner.length > 0 && inner.every((one) => outer.some((other) => isWithin(one, other)))));
  const ranges = services.flatMap((one) => {
    if (one === "any") return [ALL_PORTS];
    return (one && portsFor({ interface: "", sources: [], destinations: [], ports: one }, "in")) ?? [];
  });
  return (
    covers(sources, flow.sources) &&
    covers(destinations, flow.destinations) &&
    flow.ports.every(({ first, last }) => ranges.some((range) => range.first <= first && last <= range.last))
  );
}

/** What is not understood may match. */
function mayMatch({ sources, destinations, services }: FilterRule, flow: Omit<Flow, "title">): boolean {
  const overlaps = (left: readonly string[] = [], right: readonly string[]) =>
    left.length === 0 ||
    right.length === 0 ||
    left.some((one) => right.some((other) => areNetworksOverlapping(one, other)));
  return (
    overlaps(sources, flow.sources) &&
    overlaps(destinations, flow.destinations) &&
    services.some(
      (one) =>
        one === "any" ||
        one === undefined ||
        one.some(({ destination }) => flow.ports.some((range) => areRangesOverlapping(range, destination))),
    )
  );
}
