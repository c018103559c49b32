import { type AccessList, entryText } from "./access/access-list";
import { type Ipv6AccessList, ipv6AccessListLines } from "./access/ipv6-access-list";
import { type ObjectGroup, objectGroupLines } from "./access/object-group";
import { type ArchiveSettings, archiveLines } from "./archive";
import { operationLines, type SlaOperation, type TrackObject, trackLines } from "./sla-configuration";

/** A sequence of a route-map. */
export interface Sequence {
  map: string;
  action: "permit" | "deny";
  number: number;
  description?: string;
  accessLists: string[];
  /** Next hops that are used while their track object is up, in the order of their numbers. */
  verifiedHops: VerifiedHop[];
  nextHops: string[];
  interfaces: string[];
  /** Other `match` lines, which policy routing does not look at. */
  otherMatches: string[];
  /** Other `set` lines, which give a packet no way. */
  otherSets: string[];
  /** `continue`, with a number or without. */
  goesOn?: string;
}

/** `set ip next-hop verify-availability ADDRESS NUMBER track OBJECT`. */
export interface VerifiedHop {
  address: string;
  order: number;
  track: number;
}

export interface InterfaceAddress {
  address: string;
  mask: string;
}

/** An interface of the device. */
export interface Interface {
  name: string;
  description?: string;
  address?: InterfaceAddress;
  secondaries: InterfaceAddress[];
  policy?: string;
  isShutDown: boolean;
  /** What follows `ip verify unicast`: `source reachable-via rx allow-default`, `reverse-path`, … */
  sourceCheck?: string;
  /** Other lines, in the order of entry. */
  others: string[];
}

/** A block of `vrf definition` with its lines, and those of its address families. */
export interface Vrf {
  name: string;
  settings: string[];
  families: Partial<Record<"ipv4" | "ipv6", string[]>>;
}

export const BANNER_KINDS = ["exec", "incoming", "login", "motd"] as const;
export type BannerKind = (typeof BANNER_KINDS)[number];

/** The configuration of a device. */
export interface Configuration {
  hostname: string;
  /** Lines of the global part that only have to be kept, in the order of entry. */
  globals: string[];
  archive: ArchiveSettings;
  /** The texts of `banner`, by their kind. */
  banners: Partial<Record<BannerKind, string>>;
  vrfs: Vrf[];
  /** The blocks of `time-range`, with their lines. */
  timeRanges: { name: string; settings: string[] }[];
  interfaces: Interface[];
  objectGroups: ObjectGroup[];
  accessLists: AccessList[];
  ipv6AccessLists: Ipv6AccessList[];
  sequences: Sequence[];
  /** Operations of `ip sla`, and the objects of `track` that follow them. */
  operations: SlaOperation[];
  tracks: TrackObject[];
  /** The blocks of `line vty 0 4` and others. */
  lines: { name: string; settings: string[] }[];
}

/** The line with which a port agrees on speed and duplex. */
export const NEGOTIATION = "negotiation auto";

/** Settings that are on unless the configuration says `no`: of the device, and of an interface. */
export const DEVICE_DEFAULTS = ["ip routing", "ip domain lookup", "ip cef"] as const;
export const INTERFACE_DEFAULTS = ["ip redirects", "ip proxy-arp", "ip unreachables"] as const;

/** How the device spells its configuration: IOS 15 numbers no entries, IOS-XE 17 does. */
export type Spelling = "ios" | "ios-xe";

/** Where a kept line of the global part is printed: by its first words, else before the interfaces. */
const PLACES: readonly [RegExp, Place][] = [
  [/^(no )?service /, "start"],
  [/^(ip (forward-protocol|local policy|route|ssh|scp|http|tftp)|ipv6 route) ?/, "after interfaces"],
  [/^(logging|ip prefix-list) /, "after access lists"],
  [/^(snmp-server|control-plane|tacacs|radius)/, "after route-maps"],
  [/^ntp /, "end"],
];

type Place = "start" | "before interfaces" | "after interfaces" | "after access lists" | "after route-maps" | "end";

/**
 * The configuration as `show running-config` prints it, without the lines before it. With `isComplete`, it shows defaults
 * too, as `show running-config all` does; of those of a device only the ones that the emulation has.
 */
export function configurationText(configuration: Configuration, spelling: Spelling, isComplete = false): string {
  const { hostname, interfaces, accessLists, sequences, lines: blocks } = configuration;
  const globals = [
    ...(isComplete ? defaultsBeside(configuration.globals, DEVICE_DEFAULTS) : []),
    ...configuration.globals,
  ];
  const separated = (found: string[]) => (found.length > 0 ? [...found, "!"] : []);
  const kept = (place: Place) => {
    return separated(globals.filter((line) => placeOf(line) === place));
  };
  const lines = [
    "!",
    spelling === "ios" ? "version 15.9" : "version 17.9",
    ...kept("start"),
    `hostname ${hostname}`,
    "!",
    ...kept("before interfaces"),
    "!",
    ...separated(archiveLines(configuration.archive, isComplete)),
    ...configuration.vrfs.flatMap(vrfLines),
    ...separated(configuration.tracks.flatMap(trackLines)),
    ...objectGroupLines(configuration.objectGroups),
    ...interfaces.flatMap((one) => [...interfaceLines(one, isComplete), "!"]),
    ...kept("after interfaces"),
    ...accessLists.flatMap((list) => accessListLines(list, spelling)),
    ...(accessLists.length > 0 ? ["!"] : []),
    ...kept("after access lists"),
    ...separated(configuration.operations.flatMap((one) => operationLines(one, isComplete))),
    ...sequences.flatMap((one) => [...sequenceLines(one), "!"]),
    ...kept("after route-maps"),
    ...bannerLines(configuration.banners),
    ...ipv6AccessListLines(configuration.ipv6AccessLists, spelling === "ios-xe"),
    ...blocks.flatMap(({ name, settings }) => [`line ${name}`, ...settings.map((line) => ` ${line}`)]),
    "!",
    ...configuration.timeRanges.flatMap(({ name, settings }) => [
      `time-range ${name}`,
      ...settings.map((line) => ` ${line}`),
      "!",
    ]),
    ...kept("end"),
    "end",
  ];
  return lines.join("\n");
}

function vrfLines({ name, settings, families }: Vrf): string[] {
  const sorted = Object.entries(families).sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    `vrf definition ${name}`,
    ...settings.map((line) => ` ${line}`),
    ...sorted.flatMap(([family, lines]) => [
      " !",
      ` address-family ${family}`,
      ...lines.map((line) => `  ${line}`),
      " exit-address-family",
    ]),
    "!",
  ];
}

/** Devices show the delimiter of a banner as Ctrl-C. */
function bannerLines(banners: Configuration["banners"]): string[] {
  const lines = BANNER_KINDS.flatMap((kind) => {
    const text = banners[kind];
    return text === undefined ? [] : `banner ${kind} ^C${text}^C`.split("\n");
  });
  return lines.length > 0 ? [...lines, "!"] : [];
}

function placeOf(line: string): Place {
  return PLACES.find(([start]) => start.test(line))?.[1] ?? "before interfaces";
}

function defaultsBeside(lines: readonly string[], settings: readonly string[]): string[] {
  return settings.filter((setting) => !lines.includes(`no ${setting}`));
}

function interfaceLines(one: Interface, isComplete: boolean): string[] {
  const { name, description, address, secondaries, policy, isShutDown, sourceCheck, others } = one;
  const isVrf = (line: string) => line.startsWith("vrf forwarding ");
  return [
    `interface ${name}`,
    ...(description === undefined ? [] : [` description ${description}`]),
    ...others.filter(isVrf).map((line) => ` ${line}`),
    ...secondaries.map((second) => ` ip address ${second.address} ${second.mask} secondary`),
    address ? ` ip address ${address.address} ${address.mask}` : " no ip address",
    ...(sourceCheck ? [` ip verify unicast ${sourceCheck}`] : []),
    ...others.filter((line) => line !== NEGOTIATION && !isVrf(line)).map((line) => ` ${line}`),
    ...(policy === undefined ? [] : [` ip policy route-map ${policy}`]),
    ...(isComplete ? defaultsBeside(others, INTERFACE_DEFAULTS).map((line) => ` ${line}`) : []),
    ...(isShutDown ? [" shutdown"] : isComplete ? [" no shutdown"] : []),
    ...others.filter((line) => line === NEGOTIATION).map((line) => ` ${line}`),
  ];
}

function accessListLines({ kind, name, lines, lastRemarks }: AccessList, spelling: Spelling): string[] {
  const isNumbered = spelling === "ios" && /^\d+$/.test(name);
  const start = isNumbered ? `access-list ${name} ` : " ";
  return [
    ...(isNumbered ? [] : [`ip access-list ${kind} ${name}`]),
    ...lines.flatMap(({ sequence, remarks, entry }) => {
      const number = spelling === "ios" ? "" : `${sequence} `;
      return [
        ...remarks.map((remark) => `${start}${number}remark ${remark}`),
        `${start}${number}${entryText(entry, isNumbered)}`,
      ];
    }),
    ...lastRemarks.map((remark) => `${start}remark ${remark}`),
  ];
}

function sequenceLines(one: Sequence): string[] {
  const { map, action, number, description, accessLists, verifiedHops, nextHops, interfaces, goesOn } = one;
  return [
    `route-map ${map} ${action} ${number}`,
    ...(description === undefined ? [] : [` description ${description}`]),
    ...(accessLists.length > 0 ? [` match ip address ${accessLists.join(" ")}`] : []),
    ...one.otherMatches.map((line) => ` match ${line}`),
    ...(goesOn === undefined ? [] : [` ${goesOn}`]),
    ...verifiedHops.map((hop) => ` set ip next-hop verify-availability ${hop.address} ${hop.order} track ${hop.track}`),
    ...(nextHops.length > 0 ? [` set ip next-hop ${nextHops.join(" ")}`] : []),
    ...(interfaces.length > 0 ? [` set interface ${interfaces.join(" ")}`] : []),
    ...one.otherSets.map((line) => ` set ${line}`),
  ];
}
