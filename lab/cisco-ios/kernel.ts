import { NORMAL_MARK, type PathMarks, type PolicyPath, policyRoutingScript } from "../network/policy-routing";
import type { Entry, EntryEnd } from "./access/access-list";
import { optionMatch } from "./access/entry-options";
import { expandedEntries } from "./access/object-group";
import type { Configuration, Interface, Sequence } from "./configuration";
import { hopOf, routingTable, type TableRoute } from "./routing/routing-table";
import { NULL_INTERFACE } from "./routing/static-route";

/** The kernel interfaces of the lab's router by the names of the emulated device. */
export type InterfaceNames = ReadonlyMap<string, string>;

/** What turns a configuration into a script. */
export interface KernelContext {
  names: InterfaceNames;
  marks: PathMarks;
  /** Whether an object of `track` is up. */
  isUp(track: number): boolean;
}

/**
 * The script that makes the kernel of the lab's router forward as the configuration says. Policy routing looks at packets
 * as they arrive; the first matching sequence decides, and nothing is decided for a connection as a whole.
 */
export function kernelScript(configuration: Configuration, context: KernelContext): string {
  const { names, marks } = context;
  const { interfaces, sequences } = configuration;
  const used = sequences.flatMap((one) => pathOf(one, context) ?? []);
  const paths = new Map(used.map((path) => [marks.markOf(path), path]));
  const commands = interfaces.flatMap(({ name, isShutDown, sourceCheck }) => {
    const device = names.get(name);
    if (device === undefined) return [];
    const filter = isStrictCheck(sourceCheck) ? 1 : 0;
    return [
      `echo ${filter} >/proc/sys/net/ipv4/conf/${device}/rp_filter`,
      `ip link set ${device} ${isShutDown ? "down" : "up"}`,
    ];
  });
  const rules = interfaces.flatMap((one, index) => interfaceChain(one, index, configuration, context));
  return [
    ...commands,
    ...routeCommands(configuration, context),
    policyRoutingScript({ paths: [...paths.values()], rules }, marks),
  ].join("\n");
}

/**
 * The static routes of the global table, with their distance as metric; VRFs have no table in the kernel. Routes that stay
 * are never removed. What the kernel refuses it does not have, and `show ip route` does not show it.
 */
function routeCommands(configuration: Configuration, { names, isUp }: KernelContext): string[] {
  const table = routingTable(configuration, isUp);
  const groups = new Map<string, TableRoute[]>();
  for (const route of table.filter(({ kind }) => kind === "static")) {
    const key = `${kernelNetwork(route)} metric ${route.distance}`;
    groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  const wanted = [...groups].map(([key, routes]) => {
    const hops = [...new Set(routes.flatMap((route) => hopText(route, table, names) ?? []))];
    if (hops.length === 0) return `ip route replace blackhole ${key} proto static`;
    const ways = hops.length === 1 ? hops : hops.map((hop) => `nexthop ${hop}`);
    return `ip route replace ${key} proto static ${ways.join(" ")}`;
  });
  const keys = [...groups.keys()].map((key) => `|${key}|`).join("");
  return [
    ...wanted.map((command) => `${command} 2>/dev/null || true`),
    `ip -4 -o route show proto static | sed -n 's/^\\(blackhole \\)\\{0,1\\}\\([^ ]*\\) .*\\(metric [0-9]*\\).*/\\2 \\3/p' | while read -r key; do case '${keys}' in *"|$key|"*) ;; *) ip route del $key proto static || true;; esac; done`,
  ];
}

/** A network as the kernel's tools print it. */
function kernelNetwork({ network, length }: TableRoute): string {
  if (length === 0) return "default";
  return length === 32 ? network : `${network}/${length}`;
}

/** A next hop of the kernel; undefined for one that drops packets, as a loopback interface does too. */
function hopText(route: TableRoute, table: readonly TableRoute[], names: InterfaceNames): string | undefined {
  const hop = hopOf(route, table);
  const device = hop && hop.interface !== NULL_INTERFACE ? names.get(hop.interface) : undefined;
  if (!hop || device === undefined) return undefined;
  return hop.gateway === undefined ? `dev ${device}` : `via ${hop.gateway} dev ${device} onlink`;
}

/** Whether a source has to be routed back through the interface itself. The kernel always lets the default route count. */
function isStrictCheck(sourceCheck: string | undefined): boolean {
  return sourceCheck !== undefined && /^(source reachable-via rx|reverse-path)\b/.test(sourceCheck);
}

/** Packets that each entry has matched, from `iptables-save -c -t mangle`. */
export function entryCounts(saved: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, packets, list, sequence] of saved.matchAll(/^\[(\d+):\d+\] .*--comment "?acl:(\S+?):(\d+)"?/gm)) {
    const key = `${list} ${sequence}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(packets));
  }
  return counts;
}

function interfaceChain(
  { name, policy }: Interface,
  index: number,
  configuration: Configuration,
  context: KernelContext,
): string[] {
  const device = context.names.get(name);
  if (policy === undefined || device === undefined) return [];
  const chain = `IOS-${index}`;
  const sequences = configuration.sequences.filter(({ map }) => map === policy);
  return [
    `:${chain} - [0:0]`,
    `-A POLICY -i ${device} -j ${chain}`,
    ...sequences.flatMap((sequence) => sequenceRules(sequence, chain, configuration, context)),
  ];
}

function sequenceRules(
  sequence: Sequence,
  chain: string,
  { accessLists, objectGroups }: Configuration,
  context: KernelContext,
): string[] {
  // Policy routing looks at access lists only; a sequence with other matches takes no packet.
  if (sequence.otherMatches.length > 0) return [];
  const path = sequence.action === "permit" ? pathOf(sequence, context) : undefined;
  const mark = path ? context.marks.markOf(path) : NORMAL_MARK;
  const own = `${chain}-${sequence.number}`;
  // A sequence without `match` applies to every packet.
  const entries =
    sequence.accessLists.length === 0
      ? [`-A ${own} -j MARK --set-mark ${mark}`]
      : sequence.accessLists.flatMap((name) =>
          (accessLists.find((list) => list.name === name)?.lines ?? []).flatMap(({ sequence: number, entry }) => {
            const target = entry.action === "permit" ? `-g ${own}-hit` : "-j RETURN";
            return expandedEntries(entry, objectGroups).map(
              (one) => `-A ${own} ${entryMatch(one)} -m comment --comment acl:${name}:${number} ${target}`,
            );
          }),
        );
  return [
    `:${own} - [0:0]`,
    `:${own}-hit - [0:0]`,
    `-A ${own}-hit -j MARK --set-mark ${mark}`,
    ...entries,
    `-A ${chain} -j ${own}`,
    `-A ${chain} -m mark ! --mark 0 -j RETURN`,
  ];
}

/** The match of iptables for an entry without groups. What the kernel cannot match matches no packet. */
function entryMatch({ protocol, source, destination, options }: Entry): string {
  const optionTexts = options.map(optionMatch);
  if (optionTexts.includes(undefined)) return NEVER;
  return [
    protocol === "ip" ? "" : `-p ${PROTOCOL_NUMBERS[protocol] ?? protocol}`,
    addressMatch("-s", source),
    destination ? addressMatch("-d", destination) : "",
    portMatch("s", source),
    destination ? portMatch("d", destination) : "",
    ...optionTexts,
  ]
    .filter((part) => part !== "" && part !== undefined)
    .join(" ");
}

/** A match that no packet of a network has. */
const NEVER = "-s 255.255.255.255/32";

/** Protocols that the kernel's tools know by another name. */
const PROTOCOL_NUMBERS: Record<string, number> = {
  ahp: 51,
  eigrp: 88,
  esp: 50,
  gre: 47,
  igmp: 2,
  ipinip: 4,
  nos: 94,
  ospf: 89,
  pcp: 108,
  pim: 103,
  sctp: 132,
};

function addressMatch(option: string, { address, wildcard }: EntryEnd): string {
  const mask = wildcard.split(".").map((part) => 255 - Number(part));
  return wildcard === "255.255.255.255" ? "" : `${option} ${address}/${mask.join(".")}`;
}

function portMatch(side: "s" | "d", { operator, ports }: EntryEnd): string {
  const [first = 0, last = 0] = ports;
  if (!operator) return "";
  if (operator === "range") return `--${side}port ${first}:${last}`;
  if (operator === "gt") return `--${side}port ${first + 1}:65535`;
  if (operator === "lt") return `--${side}port 0:${first - 1}`;
  return `-m multiport ${operator === "neq" ? "! " : ""}--${side}ports ${ports.join(",")}`;
}

/** Where a sequence sends packets; undefined when it leaves them to normal routing. */
function pathOf({ verifiedHops, nextHops, interfaces }: Sequence, { isUp }: KernelContext): PolicyPath | undefined {
  const verified = verifiedHops.filter(({ track }) => isUp(track)).map(({ address }) => address);
  const path = { nextHops: [...verified, ...nextHops], isDropping: interfaces.includes("Null0") };
  return path.isDropping || path.nextHops.length > 0 ? path : undefined;
}
