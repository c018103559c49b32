import { SafeguardError } from "../../../core/errors";
import { entryText, parseEntry } from "../model/access-entry";
import type { Found, FoundAccessList, FoundOperation, FoundSequence, FoundTrack } from "../model/found";
import { type Block, blocksOf } from "./blocks";
import { readInterface } from "./interface";

/**
 * Reads the output of `show running-config`, in the spelling of IOS or IOS-XE.
 * @throws SafeguardError SG3102 when it is not a whole configuration
 */
export function readRunningConfig(text: string, object: string): Found {
  // Every whole configuration ends with this line.
  if (!/^end\s*$/m.test(text)) {
    const cause = "`show running-config` printed no whole configuration";
    const remedy = "let the user run `show running-config` with privilege level 15, or set enablePassword";
    throw new SafeguardError({ code: "SG3102", object, step: "read the router", cause, remedy });
  }
  const blocks = blocksOf(text);
  const having = (start: string) => blocks.filter(({ header }) => header.startsWith(start));
  // Every router has interfaces: without them nothing says that the rest was shown.
  if (having("interface ").length === 0) {
    const cause = "`show running-config` shows no interface";
    throw new SafeguardError({ code: "SG3102", object, step: "read the router", cause });
  }
  return {
    hostname: having("hostname ")[0]?.header.slice("hostname ".length) ?? "",
    isRouting: having("no ip routing").length === 0,
    interfaces: new Map(
      having("interface ")
        .map(readInterface)
        .map((one) => [one.name, one]),
    ),
    accessLists: new Map(
      having("ip access-list extended ")
        .map(readAccessList)
        .map((list) => [list.name, list]),
    ),
    sequences: having("route-map ").flatMap(readSequence),
    operations: readOperations(blocks),
    tracks: having("track ").flatMap(readTrack),
    otherLines: blocks
      .filter(({ header }) => !/^(ip access-list extended|route-map) /.test(header))
      .flatMap(({ header, lines }) => [header, ...lines]),
  };
}

function readAccessList({ header, lines }: Block): FoundAccessList {
  const remarks: string[] = [];
  const entries: string[] = [];
  for (const line of lines) {
    const [, remark] = /^(?:\d+ +)?remark +(.*)$/.exec(line) ?? [];
    if (remark !== undefined) {
      remarks.push(remark);
      continue;
    }
    const entry = parseEntry(line);
    entries.push(entry ? entryText(entry) : line);
  }
  return { name: header.split(" ").at(-1) ?? "", remarks, entries, lines: [header, ...lines] };
}

function readSequence({ header, lines }: Block): FoundSequence[] {
  const [, map = "", action = "", number = ""] = /^route-map (\S+) (permit|deny) (\d+)$/.exec(header) ?? [];
  if (map === "") return [];
  const sequence: FoundSequence = {
    map,
    action,
    number: Number(number),
    accessLists: [],
    verifiedHops: [],
    nextHops: [],
    setInterfaces: [],
    others: [],
    lines: [header, ...lines],
  };
  for (const line of lines) {
    const [, address, order, track] =
      /^set ip next-hop verify-availability (\d[\d.]+) (\d+) track (\d+)\b/.exec(line) ?? [];
    if (address !== undefined) {
      sequence.verifiedHops.push({ address, order: Number(order), track: Number(track) });
      continue;
    }
    const [, clause, values = ""] =
      /^(match ip address|set ip next-hop|set interface) ((?!prefix-list |verify-availability|recursive).+)$/.exec(
        line,
      ) ?? [];
    const words = values.split(/ +/);
    if (clause === "match ip address") sequence.accessLists.push(...words);
    else if (clause === "set ip next-hop") sequence.nextHops.push(...words);
    else if (clause === "set interface") sequence.setInterfaces.push(...words);
    else sequence.others.push(line);
  }
  return [sequence];
}

/** The operations of `ip sla`, with their schedules, which are commands of their own. */
function readOperations(blocks: readonly Block[]): FoundOperation[] {
  const schedules = new Map(
    blocks.flatMap(({ header }) => {
      const [, number, schedule] = /^ip sla schedule (\d+) (.+)$/.exec(header) ?? [];
      return schedule === undefined ? [] : [[Number(number), schedule] as const];
    }),
  );
  return blocks.flatMap(({ header, lines }) => {
    const [, text] = /^ip sla (\d+)$/.exec(header) ?? [];
    if (text === undefined) return [];
    const number = Number(text);
    const tag = lines.flatMap((line) => /^tag (.+)$/.exec(line)?.[1] ?? [])[0] ?? "";
    return [{ number, tag, lines, schedule: schedules.get(number) }];
  });
}

/** Older releases call an operation `rtr`. */
function readTrack({ header, lines }: Block): FoundTrack[] {
  const [, number, follows = ""] = /^track (\d+) (.+)$/.exec(header) ?? [];
  if (number === undefined) return [];
  return [{ number: Number(number), follows: follows.replace(/^rtr /, "ip sla "), lines: [header, ...lines] }];
}
