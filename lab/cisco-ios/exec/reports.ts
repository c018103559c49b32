import { type Entry, entryText } from "../access-list";
import type { Device } from "../device";

/** `show archive`. */
export function archiveText(path: string | undefined): string {
  if (path === undefined) return " Archive feature not enabled";
  const rows = Array.from({ length: 10 }, (_, index) => `   ${String(index + 1).padEnd(9)}`);
  return [
    "The maximum archive configurations allowed is 10.",
    `The next archive file will be named ${path}-<timestamp>-0`,
    " Archive #  Name",
    ...rows,
  ].join("\n");
}

/** `show access-lists`. */
export async function accessListsText(device: Device, name?: string): Promise<string> {
  const counts = await device.effects.entryCounts();
  return device.running.accessLists
    .filter((list) => name === undefined || list.name === name)
    .flatMap((list) => [
      `${list.kind === "standard" ? "Standard" : "Extended"} IP access list ${list.name}`,
      ...list.lines.map(({ sequence, entry }) => {
        const count = counts.get(`${list.name} ${sequence}`) ?? 0;
        const matches = count === 0 ? "" : ` (${count} ${count === 1 ? "match" : "matches"})`;
        return `    ${sequence} ${shownEntry(entry)}${matches}`;
      }),
    ])
    .join("\n");
}

function shownEntry(entry: Entry): string {
  const text = entryText(entry).replace(/ +/g, " ");
  // A standard list names the wildcard.
  return entry.destination ? text : text.replace(/ (\S+) (\d+\.\S+)/, " $1, wildcard bits $2");
}

/** `show route-map`. */
export async function routeMapsText(device: Device, name?: string): Promise<string> {
  const counts = await device.effects.entryCounts();
  const { sequences, accessLists } = device.running;
  const packetsOf = (list: string) =>
    (accessLists.find((one) => one.name === list)?.lines ?? []).reduce(
      (sum, { sequence }) => sum + (counts.get(`${list} ${sequence}`) ?? 0),
      0,
    );
  return sequences
    .filter(({ map }) => name === undefined || map === name)
    .flatMap((one) => {
      const { map, action, number, accessLists: lists, verifiedHops, nextHops, interfaces, goesOn } = one;
      const packets = lists.reduce((sum, list) => sum + packetsOf(list), 0);
      return [
        `route-map ${map}, ${action}, sequence ${number}`,
        "  Match clauses:",
        ...(lists.length > 0 ? [`    ip address (access-lists): ${lists.join(" ")} `] : []),
        ...one.otherMatches.map((line) => `    ${line}`),
        ...(goesOn === undefined ? [] : ["  Continue: sequence ".concat(goesOn.slice(9) || "next")]),
        "  Set clauses:",
        ...verifiedHops.map(({ address, order, track }) => {
          const state = device.monitor.isUp(track) ? "up" : "down";
          return `    ip next-hop verify-availability ${address} ${order} track ${track}  [${state}]`;
        }),
        ...(nextHops.length > 0 ? [`    ip next-hop ${nextHops.join(" ")}`] : []),
        ...(interfaces.length > 0 ? [`    interface ${interfaces.join(" ")}`] : []),
        ...one.otherSets.map((line) => `    ${line}`),
        `  Policy routing matches: ${packets} packets, ${packets * 60} bytes`,
      ];
    })
    .join("\n");
}

/** The name of an interface as tables have it: `Gi1`. */
export function shortName(name: string): string {
  const start = name.search(/\d/);
  return `${name.slice(0, 2)}${name.slice(start)}`;
}
