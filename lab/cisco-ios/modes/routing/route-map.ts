import type { Configuration, Sequence } from "../../configuration";
import { BAD_NAME, type ConfigurationCommand, type ConfigurationContext, keptLines } from "../context";

/** Other lines after `match` and `set`, which policy routing does not look at. */
const OTHER_MATCHES = [
  "extcommunity <words>",
  "ip next-hop <words>",
  "ip route-source <words>",
  "ipv6 <words>",
  "length <number> <number>!",
  "metric <words>",
] as const;

/** Matches of which a sequence has one line: further values are added to it. Those of numbers are shown in order. */
const MERGED_MATCHES = [
  "as-path",
  "community",
  "interface",
  "ip address prefix-list",
  "ip next-hop prefix-list",
  "ip route-source prefix-list",
  "local-preference",
  "route-type",
  "source-protocol",
  "tag",
] as const;

const OTHER_SETS = [
  "as-path <words>",
  "community <words>",
  "extcommunity <words>",
  "ip default next-hop <words>",
  "ip df <number>!",
  "ip dscp <name>!",
  "ip next-hop recursive <ipv4>!",
  "ip next-hop verify-availability",
  "ip precedence <name>!",
  "ip tos <name>!",
  "local-preference <number>!",
  "metric <words>!",
  "metric-type <name>!",
  "origin <name>!",
  "tag <number>!",
  "vrf <name>!",
  "weight <number>!",
] as const;

/** The commands of `route-map`. */
export const ROUTE_MAP_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "description <line>",
    run: onSequence((one, [text = ""]) => {
      one.description = text;
    }),
  },
  { pattern: "no description", run: onSequence((one) => void delete one.description) },
  { pattern: "no description <line>", run: onSequence((one) => void delete one.description) },
  {
    pattern: "continue",
    run: onSequence((one) => {
      one.goesOn = "continue";
    }),
  },
  {
    pattern: "continue <number>",
    run: onSequence((one, [number]) => {
      one.goesOn = `continue ${number}`;
    }),
  },
  { pattern: "no continue", run: onSequence((one) => void delete one.goesOn) },
  { pattern: "no continue <number>", run: onSequence((one) => void delete one.goesOn) },
  // Further lists and next hops are added to those before.
  { pattern: "match ip address <words>", run: onSequence((one, names) => addAll(one.accessLists, names)) },
  {
    pattern: "no match ip address",
    run: onSequence((one) => {
      one.accessLists = [];
    }),
  },
  {
    pattern: "no match ip address <words>",
    run: onSequence((one, names) => {
      one.accessLists = one.accessLists.filter((name) => !names.includes(name));
    }),
  },
  {
    pattern: "set ip next-hop verify-availability <ipv4> <number> track <number>",
    run: onSequence(({ verifiedHops }, [address = "", order, track]) => {
      const hop = { address, order: Number(order), track: Number(track) };
      // A number stands for one next hop.
      const old = verifiedHops.findIndex((one) => one.order === hop.order);
      verifiedHops.splice(old < 0 ? verifiedHops.length : old, old < 0 ? 0 : 1, hop);
      verifiedHops.sort((left, right) => left.order - right.order);
    }),
  },
  {
    pattern: "no set ip next-hop verify-availability <ipv4> <number> track <number>",
    run: onSequence((one, [address, order]) => {
      one.verifiedHops = one.verifiedHops.filter((hop) => hop.address !== address || hop.order !== Number(order));
    }),
  },
  { pattern: "set ip next-hop <words>", run: onSequence((one, hops) => addAll(one.nextHops, hops)) },
  {
    pattern: "no set ip next-hop <words>",
    run: onSequence((one, hops) => {
      one.nextHops = one.nextHops.filter((hop) => !hops.includes(hop));
    }),
  },
  { pattern: "set interface <words>", run: onSequence((one, names) => addAll(one.interfaces, names)) },
  {
    pattern: "no set interface <words>",
    run: onSequence((one, names) => {
      one.interfaces = one.interfaces.filter((name) => !names.includes(name));
    }),
  },
  ...MERGED_MATCHES.flatMap(mergedMatch),
  ...prefixed("match", OTHER_MATCHES, ({ otherMatches }) => otherMatches),
  ...prefixed("set", OTHER_SETS, ({ otherSets }) => otherSets),
];

/** Enters a sequence, which is made when there is none. */
export function enterSequence(
  context: ConfigurationContext,
  map: string,
  action: Sequence["action"],
  number: number,
): string | undefined {
  if (number < 0 || number > 65535) return BAD_NAME;
  const { sequences } = context.configuration;
  const found = sequences.find((one) => one.map === map && one.number === number);
  const empty = { accessLists: [], verifiedHops: [], nextHops: [], interfaces: [], otherMatches: [], otherSets: [] };
  if (found) found.action = action;
  else sequences.push({ map, action, number, ...empty });
  sequences.sort((left, right) => left.map.localeCompare(right.map) || left.number - right.number);
  context.place = { mode: "config-route-map", map, number };
  return undefined;
}

/** Removes one sequence, or all of a map. */
export function removeSequences(
  configuration: Configuration,
  map: string | undefined,
  number?: number,
): string | undefined {
  const isMeant = (one: Sequence) => one.map === map && (number === undefined || one.number === number);
  if (!configuration.sequences.some(isMeant)) return `%Route-map ${map} not found`;
  configuration.sequences = configuration.sequences.filter((one) => !isMeant(one));
  return undefined;
}

function mergedMatch(name: string): ConfigurationCommand[] {
  const isOwn = (line: string) => line.startsWith(`${name} `);
  const change = (one: Sequence, edit: (values: readonly string[]) => string[]) => {
    const at = one.otherMatches.findIndex(isOwn);
    const values = edit(at < 0 ? [] : (one.otherMatches[at]?.slice(name.length + 1).split(" ") ?? []));
    const sorted = values.every((value) => /^\d+$/.test(value))
      ? values.sort((left, right) => Number(left) - Number(right))
      : values;
    const lines = sorted.length > 0 ? [`${name} ${sorted.join(" ")}`] : [];
    one.otherMatches.splice(at < 0 ? one.otherMatches.length : at, at < 0 ? 0 : 1, ...lines);
  };
  return [
    {
      pattern: `match ${name} <words>`,
      run: onSequence((one, added) => change(one, (values) => [...new Set([...values, ...added])])),
    },
    {
      pattern: `no match ${name} <words>`,
      run: onSequence((one, removed) => change(one, (values) => values.filter((value) => !removed.includes(value)))),
    },
    { pattern: `no match ${name}`, run: onSequence((one) => change(one, () => [])) },
  ];
}

function prefixed(word: string, patterns: readonly string[], linesOf: (one: Sequence) => string[]) {
  return keptLines(patterns, (context) => {
    const found = sequenceOf(context);
    return found && linesOf(found);
  }).map((command) => ({
    ...command,
    pattern: command.pattern.startsWith("no ")
      ? `no ${word} ${command.pattern.slice(3)}`
      : `${word} ${command.pattern}`,
  }));
}

function sequenceOf({ configuration, place }: ConfigurationContext): Sequence | undefined {
  return configuration.sequences.find(
    ({ map, number }) => place.mode === "config-route-map" && map === place.map && number === place.number,
  );
}

function onSequence(change: (one: Sequence, values: string[]) => void) {
  return (context: ConfigurationContext, values: string[]): undefined => {
    const found = sequenceOf(context);
    if (found) change(found, values);
  };
}

function addAll(list: string[], values: readonly string[]): void {
  for (const value of values) if (!list.includes(value)) list.push(value);
}
