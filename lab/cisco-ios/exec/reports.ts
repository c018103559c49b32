import { type Entry, entryText } from "../access/access-list";
import { ipv6AccessListsText } from "../access/ipv6-access-list";
import type { Device } from "../device";

/** `show ip access-lists`. */
export async function accessListsText(device: Device, name?: string): Promise<string> {
  const counts = await device.entryCounts();
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

/** `show access-lists`: the lists of IPv4, then those of IPv6. */
export async function allAccessListsText(device: Device, name?: string): Promise<string> {
  const texts = [await accessListsText(device, name), ipv6AccessListsText(device.running.ipv6AccessLists, name)];
  return texts.filter((text) => text !== "").join("\n");
}

function shownEntry(entry: Entry): string {
  // The word after `log` is the tag of its messages.
  const options = entry.options.map((option) => option.replace(/^(log(?:-input)?) (\S+)$/, "$1 (tag = $2)"));
  const text = entryText({ ...entry, options }).replace(/ +/g, " ");
  // A standard list names the wildcard.
  return entry.destination ? text : text.replace(/ (\S+) (\d+\.\S+)/, " $1, wildcard bits $2");
}

/** `show route-map`. */
export async function routeMapsText(device: Device, name?: string): Promise<string> {
  const counts = await device.entryCounts();
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

/** `show ip policy`: the route-maps of the device's own packets and of interfaces. */
export function policiesText({ running }: Device): string {
  const local = localPolicyOf(running.globals);
  const rows = running.interfaces.flatMap(({ name, policy }) =>
    policy === undefined ? [] : [[shortName(name), policy] as const],
  );
  const all = [...(local === undefined ? [] : [["local", local] as const]), ...rows];
  return ["Interface      Route map", ...all.map(([name, map]) => `${name.padEnd(15)}${map}`)].join("\n");
}

/** `show ip local policy`. */
export async function localPolicyText(device: Device): Promise<string> {
  const map = localPolicyOf(device.running.globals);
  if (map === undefined) return "Local policy routing is disabled";
  const sequences = await routeMapsText(device, map);
  return `Local policy routing is enabled, using route map ${map}\n${sequences === "" ? `Route map ${map} not found` : sequences}`;
}

function localPolicyOf(globals: readonly string[]): string | undefined {
  return globals.map((line) => /^ip local policy route-map (\S+)$/.exec(line)?.[1]).find((map) => map !== undefined);
}

/** The name of an interface as tables have it: `Gi1`. */
export function shortName(name: string): string {
  const start = name.search(/\d/);
  return `${name.slice(0, 2)}${name.slice(start)}`;
}
