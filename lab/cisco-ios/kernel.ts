import type { Entry, EntryEnd } from "./access-list";
import type { Configuration, Interface, Sequence } from "./configuration";

/** The kernel interfaces of the lab's router by the names of the emulated device. */
export type InterfaceNames = ReadonlyMap<string, string>;

/** First packet mark, routing table and rule priority that the translation uses. */
const FIRST_MARK = 0x1000;
const FIRST_TABLE = 7000;

/** Mark of packets that a sequence leaves to normal routing. */
const NORMAL_MARK = 0xfff;

/** Where the packets of a sequence go. */
interface Path {
  mark: number;
  table: number;
  nextHops: string[];
  isDropping: boolean;
}

/**
 * The script that makes the kernel of the lab's router forward as the configuration says. Policy routing looks at packets
 * as they arrive; the first matching sequence decides, and nothing is decided for a connection as a whole. `indexes`
 * is the memory of one router between calls.
 */
export function kernelScript(
  configuration: Configuration,
  names: InterfaceNames,
  indexes: Map<string, number>,
): string {
  const paths = pathsOf(configuration, indexes);
  const chains = configuration.interfaces.flatMap((one, index) =>
    interfaceChain(one, index, configuration, names, paths),
  );
  const tables = paths.map(({ table }) => table);
  return [
    ...paths.flatMap(({ mark, table, nextHops, isDropping }) => [
      ...(nextHops[0] === undefined
        ? []
        : [`ip route replace default via ${nextHops[0]} table ${table} 2>/dev/null || true`]),
      ...(isDropping ? [`ip route replace blackhole default metric 4294967295 table ${table}`] : []),
      `ip rule show pref ${table} | grep -q . || ip rule add pref ${table} fwmark ${mark} lookup ${table}`,
    ]),
    "iptables-restore -w 10 --noflush <<'RULES'",
    "*mangle",
    ":IOS - [0:0]",
    ...chains,
    "COMMIT",
    "RULES",
    "iptables -w 10 -t mangle -C PREROUTING -j IOS 2>/dev/null || iptables -w 10 -t mangle -I PREROUTING 1 -j IOS",
    `ip rule show | sed -n 's/^\\(7[0-9][0-9][0-9]\\):.*/\\1/p' | while read pref; do case " ${tables.join(" ")} " in *" $pref "*) ;; *) ip rule del pref $pref; ip route flush table $pref 2>/dev/null || true;; esac; done`,
    ...configuration.interfaces.flatMap(({ name, isShutDown, sourceCheck }) => {
      const device = names.get(name);
      if (device === undefined) return [];
      const filter = sourceCheck === "rx" ? 1 : 0;
      return [
        `echo ${filter} >/proc/sys/net/ipv4/conf/${device}/rp_filter`,
        `ip link set ${device} ${isShutDown ? "down" : "up"}`,
      ];
    }),
  ].join("\n");
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

/**
 * One path for each kind of `set` clauses; sequences without any leave packets to normal routing. Each kind keeps its
 * index, so that a path in use is never rebuilt.
 */
function pathsOf({ sequences }: Configuration, indexes: Map<string, number>): Path[] {
  const keys = [...new Set(sequences.filter(isSetting).map(keyOf))];
  return keys.map((key) => {
    const index = indexes.get(key) ?? indexes.size;
    indexes.set(key, index);
    const [hops = "", interfaces = ""] = key.split("|");
    return {
      mark: FIRST_MARK + index,
      table: FIRST_TABLE + index,
      nextHops: hops.split(" ").filter((hop) => hop !== ""),
      isDropping: interfaces.split(" ").includes("Null0"),
    };
  });
}

function interfaceChain(
  { name, policy }: Interface,
  index: number,
  configuration: Configuration,
  names: InterfaceNames,
  paths: readonly Path[],
): string[] {
  const device = names.get(name);
  if (policy === undefined || device === undefined) return [];
  const chain = `IOS-${index}`;
  const sequences = configuration.sequences.filter(({ map }) => map === policy);
  return [
    `:${chain} - [0:0]`,
    `-A IOS -i ${device} -j ${chain}`,
    ...sequences.flatMap((sequence) => sequenceRules(sequence, chain, configuration, paths)),
  ];
}

function sequenceRules(
  sequence: Sequence,
  chain: string,
  { accessLists }: Configuration,
  paths: readonly Path[],
): string[] {
  const keys = paths.map(({ nextHops, isDropping }) => `${nextHops.join(" ")}|${isDropping ? "Null0" : ""}`);
  const path = sequence.action === "permit" && isSetting(sequence) ? paths[keys.indexOf(keyOf(sequence))] : undefined;
  const mark = path?.mark ?? NORMAL_MARK;
  const own = `${chain}-${sequence.number}`;
  // A sequence without `match` applies to every packet.
  const entries =
    sequence.accessLists.length === 0
      ? [`-A ${own} -j MARK --set-mark ${mark}`]
      : sequence.accessLists.flatMap((name) =>
          (accessLists.find((list) => list.name === name)?.lines ?? []).map(({ sequence: number, entry }) => {
            const target = entry.action === "permit" ? `-g ${own}-hit` : "-j RETURN";
            return `-A ${own} ${entryMatch(entry)} -m comment --comment acl:${name}:${number} ${target}`;
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

function entryMatch({ protocol, source, destination, options }: Entry): string {
  return [
    protocol === "ip" ? "" : `-p ${protocol}`,
    addressMatch("-s", source),
    addressMatch("-d", destination),
    portMatch("s", source),
    portMatch("d", destination),
    options.includes("established") ? "-m tcp ! --syn" : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

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

function isSetting({ nextHops, interfaces }: Sequence): boolean {
  return nextHops.length + interfaces.length > 0;
}

function keyOf({ nextHops, interfaces }: Sequence): string {
  return `${nextHops.join(" ")}|${interfaces.includes("Null0") ? "Null0" : ""}`;
}
