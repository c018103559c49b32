import { isRangeWithin } from "../../../core/ranges";
import { addressRange } from "../../networks";
import type { Found, LookupRoute } from "../model/found";
import type { Topology } from "./flows";

/** The most routes of one table that are read; the routes of a larger table count as unknown. */
export const MOST_ROUTES = 256;

/** Shell text that defines `sps_lookups`, which prints the routes of each table that policy rules look up. */
export const LOOKUPS_FUNCTION = `sps_lookups() {
  for sps_table in $(ip -N -4 rule show | sed -n 's/.* lookup \\([0-9]*\\).*/\\1/p' | sort -un | head -n 32); do
    [ "$sps_table" != 255 ] || continue
    printf '@%s\\n' "$sps_table"
    ip -N -4 route show table "$sps_table" 2>/dev/null | head -n ${MOST_ROUTES + 1}
  done
}`;

/** The number of the main table. */
const MAIN = 254;

const TYPES = ["unreachable", "blackhole", "prohibit", "throw", "local", "broadcast", "multicast", "anycast"];

/** Parses the output of `sps_lookups`: the routes by number of the table, without those of tables that are too large. */
export function parseLookups(text: string): Map<number, LookupRoute[]> {
  const [, ...parts] = text.split(/^@(\d+)$/m);
  const tables = parts.flatMap((number, index) =>
    index % 2 === 0 ? [{ number: Number(number), lines: (parts[index + 1] ?? "").split("\n").filter(Boolean) }] : [],
  );
  return new Map(
    tables
      .filter(({ lines }) => lines.length <= MOST_ROUTES)
      .map(({ number, lines }) => [number, lines.flatMap((line) => routeOf(line) ?? [])]),
  );
}

/** A route as `ip -N route show` prints it; the further next hops of a route have lines of their own. */
function routeOf(line: string): LookupRoute | undefined {
  const words = line.trim().split(" ");
  const isTyped = TYPES.includes(words[0] ?? "") || /^\d+$/.test(words[0] ?? "");
  const type = isTyped ? (words.shift() ?? "") : "unicast";
  const [destination = ""] = words;
  if (line.startsWith("\t") || !/^(default|[\d./]+)$/.test(destination)) return undefined;
  const network = destination === "default" ? "0.0.0.0/0" : destination;
  const after = (word: string) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined);
  const [device, gateway] = [after("dev"), after("via")];
  return {
    type: type === "9" ? "throw" : type,
    range: addressRange(network),
    length: Number(network.split("/")[1] ?? 32),
    network,
    ...(device !== undefined && { device }),
    ...(gateway !== undefined && { gateway }),
  };
}

/** Which networks are behind which interface, from the main table. */
export function topologyOf(found: Pick<Found, "lookups">): Topology {
  const routes = found.lookups.get(MAIN);
  return {
    networksOf(device) {
      const networks = routes?.filter((route) => route.device === device).map(({ network }) => network);
      return !networks || networks.length === 0 || networks.includes("0.0.0.0/0") ? undefined : networks;
    },
    deviceTowards(network) {
      const wanted = addressRange(network);
      const { first, last } = wanted;
      const covering = routes?.filter(({ range }) => isRangeWithin(wanted, range)) ?? [];
      const isSplit = routes?.some(({ range }) => first < range.first && range.last <= last) ?? false;
      const [best] = covering.sort((left, right) => right.length - left.length);
      return isSplit ? undefined : best?.device;
    },
  };
}
