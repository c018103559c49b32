import { parseEntry } from "../model/access-entry";
import type { Leg } from "../model/desired";
import type { Found, FoundAccessList, FoundSequence } from "../model/found";
import { parseAccessListName } from "../model/names";

/** A route-map that was typed by hand, as in the vendor's guide, and whose traffic the wanted redirections take over. */
export interface HandTyped {
  map: string;
  sequences: FoundSequence[];
  /** Its access lists that nothing else on the router refers to. */
  accessLists: FoundAccessList[];
}

/**
 * The route-maps of others that an adopting resource replaces: on each of their interfaces, every sequence sends just the
 * traffic of one wanted redirection to its SPS, and nothing else on the router names the map.
 */
export function handTypedMaps(legs: readonly Leg[], found: Found): HandTyped[] {
  const maps = new Set(
    legs.flatMap(({ interfaces }) => interfaces.flatMap((name) => found.interfaces.get(name)?.policy ?? [])),
  );
  return [...maps].flatMap((map) => {
    const sequences = found.sequences.filter((one) => one.map === map);
    const interfaces = [...found.interfaces.values()].filter(({ policy }) => policy === map);
    const isTakenOver = interfaces.every(({ name }) => {
      const wanted = legs.filter((leg) => leg.interfaces.includes(name));
      return sequences.every((sequence) => wanted.some((leg) => isSameTraffic(sequence, leg, found)));
    });
    const isNamedElsewhere = isNamed(map, found, `ip policy route-map ${map}`);
    if (sequences.length === 0 || !isTakenOver || isNamedElsewhere) return [];
    const names = new Set(sequences.flatMap(({ accessLists }) => accessLists));
    const isInUse = (name: string) =>
      isNamed(name, found) || found.sequences.some((one) => one.map !== map && one.accessLists.includes(name));
    const lists = [...found.accessLists.values()].filter(({ name }) => names.has(name) && !isInUse(name));
    return [{ map, sequences, accessLists: lists }];
  });
}

/** Whether a sequence that is not ours sends the same traffic to the same SPS. What it does while SPS is down may differ. */
function isSameTraffic(sequence: FoundSequence, leg: Leg, { accessLists }: Found): boolean {
  const { action, nextHops, setInterfaces, others } = sequence;
  if (
    action !== "permit" ||
    others.length + sequence.verifiedHops.length > 0 ||
    sequence.accessLists.some((name) => parseAccessListName(name))
  )
    return false;
  if (nextHops.join(" ") !== leg.redirection.spsAddress || setInterfaces.some((name) => name !== "Null0")) return false;
  const lists = sequence.accessLists.map((name) => accessLists.get(name));
  const entries = lists.flatMap((list) => list?.entries ?? []);
  if (lists.includes(undefined) || entries.length === 0) return false;
  return sorted(entries).join("\n") === sorted(leg.entries).join("\n");
}

/** Entries in a comparable order, those with several ports after one `eq` taken apart. */
function sorted(entries: readonly string[]): string[] {
  return [...new Set(entries.flatMap(singlePorts))].sort();
}

function singlePorts(entry: string): string[] {
  const parsed = parseEntry(entry);
  for (const end of parsed ? [parsed.source, parsed.destination] : []) {
    const [operator, ...ports] = end.ports.split(" ");
    if (operator !== "eq" || ports.length < 2) continue;
    return ports.map((port) => entry.replace(end.ports, `eq ${port}`));
  }
  return [entry];
}

/** Whether a line outside of access lists and route-maps names something, other than the expected lines. */
export function isNamed(name: string, { otherLines }: Found, expected?: string): boolean {
  return otherLines.some((line) => line !== expected && line.split(/\s+/).includes(name));
}
