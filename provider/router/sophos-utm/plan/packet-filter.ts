import { areRangesOverlapping, type Range } from "../../../core/ranges";
import { addressRange } from "../../networks";
import { ALL_PORTS, joinRanges, type PortRange, portOf } from "../../ports";
import type { Redirection } from "../../redirection";
import type { FilterRule, Found, TcpPorts } from "../model/found";
import type { PlanContext } from "./decision";
import { isAll } from "./match";

/** Traffic as ranges: of sources, of destinations and of ports. */
type Box = readonly [sources: Range, destinations: Range, ports: Range];

/** Traffic that the packet filter must accept. */
interface Flow {
  /** `from clients to the servers of redirection rdp`. */
  title: string;
  boxes: Box[];
}

/** Whether the packet filter, which drops by default, lets the traffic of redirections pass. One sentence for each that it does not. */
export function packetFilterWarnings({ found, legs }: Pick<PlanContext, "found" | "legs">): string[] {
  const inward = legs.filter(({ direction }) => direction === "in");
  if (inward.length === 0) return [];
  if (found.packetFilter === undefined)
    return [
      "the packet filter cannot be read: it must accept clients to servers on the ports of the redirections, and in addressMode own SPS to servers",
    ];
  return inward.flatMap(({ redirection, sources, destinations, ports }) =>
    flowsOf(redirection, sources, destinations, ports).flatMap((flow) => faultOf(flow, found) ?? []),
  );
}

function flowsOf(
  { name, spsAddress, addressMode }: Redirection,
  clients: readonly string[],
  servers: readonly string[],
  ports: readonly PortRange[],
): Flow[] {
  const flow = (who: string, sources: readonly string[]) => ({
    title: `from ${who} to the servers of redirection ${name}`,
    boxes: boxesOf(addressRanges(sources), addressRanges(servers), ports),
  });
  return [flow("clients", clients), ...(addressMode === "own" ? [flow("SPS", [`${spsAddress}/32`])] : [])];
}

/** The first rule that matches a packet decides. */
function faultOf({ title, boxes }: Flow, { packetFilter = [] }: Found): string | undefined {
  let rest = boxes;
  for (const rule of packetFilter) {
    if (rule.action === "accept") {
      for (const accepted of certainBoxes(rule)) rest = rest.flatMap((one) => without(one, accepted));
      if (rest.length === 0) return undefined;
      continue;
    }
    const hit = rest.filter((one) => possibleBoxes(rule).some((other) => areOverlapping(one, other)));
    if (hit.length === 0) continue;
    const name = rule.name === "" ? "" : ` "${rule.name}"`;
    return `rule ${rule.position}${name} of the packet filter may ${rule.action} ${portsText(hit)} ${title}`;
  }
  return `no packet filter rule accepts ${portsText(rest)} ${title}; add one in Network Protection > Firewall`;
}

function portsText(boxes: readonly Box[]): string {
  const ports = boxes.map(([, , range]) => range);
  return `tcp ${joinRanges(ports, 1).map(portOf).join(",")}`;
}

/** What a rule matches for certain: nothing where it is restricted or not understood. */
function certainBoxes({ isRestricted, sources, destinations, services }: FilterRule): Box[] {
  if (isRestricted || !sources || !destinations) return [];
  const ports = services.flatMap((one) => portsOf(one ?? [], ({ source }) => isAll(source)));
  return boxesOf(addressRanges(sources), addressRanges(destinations), ports);
}

/** What a rule may match: everything where it is not understood. */
function possibleBoxes({ sources = [], destinations = [], services }: FilterRule): Box[] {
  const ports = services.flatMap((one) => (one ? portsOf(one, () => true) : [ALL_PORTS]));
  return boxesOf(addressRanges(sources), addressRanges(destinations), ports);
}

function portsOf(service: TcpPorts[], isWanted: (ports: TcpPorts) => boolean): PortRange[] {
  return service.filter(isWanted).map(({ destination }) => destination);
}

/** An empty list stands for any network. */
function addressRanges(networks: readonly string[]): Range[] {
  return (networks.length > 0 ? networks : ["0.0.0.0/0"]).map(addressRange);
}

function boxesOf(sources: readonly Range[], destinations: readonly Range[], ports: readonly Range[]): Box[] {
  return sources.flatMap((source) =>
    destinations.flatMap((destination) => ports.map((range): Box => [source, destination, range])),
  );
}

function areOverlapping(left: Box, right: Box): boolean {
  return left.every((range, side) => areRangesOverlapping(range, right[side] as Range));
}

/** The parts of a box that are not in another one. */
function without(box: Box, taken: Box): Box[] {
  if (!areOverlapping(box, taken)) return [box];
  const parts: Box[] = [];
  const rest: [Range, Range, Range] = [...box];
  for (const [side, { first, last }] of taken.entries()) {
    const own = rest[side] as Range;
    const cut = (range: Range) => rest.map((one, index) => (index === side ? range : one)) as unknown as Box;
    if (own.first < first) parts.push(cut({ first: own.first, last: first - 1 }));
    if (own.last > last) parts.push(cut({ first: last + 1, last: own.last }));
    rest[side] = { first: Math.max(own.first, first), last: Math.min(own.last, last) };
  }
  return parts;
}
