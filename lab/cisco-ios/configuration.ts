import { type AccessList, entryText } from "./access-list";

/** A sequence of a route-map. */
export interface Sequence {
  map: string;
  action: "permit" | "deny";
  number: number;
  description?: string;
  accessLists: string[];
  nextHops: string[];
  interfaces: string[];
}

/** An interface of the device. */
export interface Interface {
  name: string;
  description?: string;
  address?: { address: string; mask: string };
  policy?: string;
  isShutDown: boolean;
  /** `ip verify unicast source reachable-via`. */
  sourceCheck?: "rx" | "any";
  /** Other lines, in the order of entry. */
  others: string[];
}

/** The configuration of a device. */
export interface Configuration {
  hostname: string;
  /** Lines of the global part that only have to be kept. */
  globals: string[];
  archivePath?: string;
  interfaces: Interface[];
  accessLists: AccessList[];
  sequences: Sequence[];
}

/** How the device spells its configuration: IOS 15 numbers no entries, IOS-XE 17 does. */
export type Spelling = "ios" | "ios-xe";

/** The configuration as `show running-config` prints it, without the lines before it. */
export function configurationText(configuration: Configuration, spelling: Spelling): string {
  const { hostname, globals, archivePath, interfaces, accessLists, sequences } = configuration;
  const archive = archivePath === undefined ? [] : ["archive", ` path ${archivePath}`, "!"];
  const lines = [
    "!",
    spelling === "ios" ? "version 15.9" : "version 17.9",
    "service timestamps log datetime msec",
    "!",
    `hostname ${hostname}`,
    "!",
    ...globals,
    "!",
    ...archive,
    ...interfaces.flatMap((one) => [...interfaceLines(one), "!"]),
    "ip forward-protocol nd",
    "!",
    ...accessLists.flatMap((list) => accessListLines(list, spelling)),
    ...(accessLists.length > 0 ? ["!"] : []),
    ...sequences.flatMap((one) => [...sequenceLines(one), "!"]),
    "line vty 0 4",
    " login local",
    " transport input ssh",
    "!",
    "end",
  ];
  return lines.join("\n");
}

function interfaceLines({ name, description, address, policy, isShutDown, sourceCheck, others }: Interface): string[] {
  return [
    `interface ${name}`,
    ...(description === undefined ? [] : [` description ${description}`]),
    address ? ` ip address ${address.address} ${address.mask}` : " no ip address",
    ...(sourceCheck ? [` ip verify unicast source reachable-via ${sourceCheck}`] : []),
    ...others.map((line) => ` ${line}`),
    ...(policy === undefined ? [] : [` ip policy route-map ${policy}`]),
    ...(isShutDown ? [" shutdown"] : []),
    " negotiation auto",
  ];
}

function accessListLines({ name, lines, lastRemarks }: AccessList, spelling: Spelling): string[] {
  return [
    `ip access-list extended ${name}`,
    ...lines.flatMap(({ sequence, remarks, entry }) => {
      const number = spelling === "ios" ? "" : `${sequence} `;
      return [...remarks.map((remark) => ` ${number}remark ${remark}`), ` ${number}${entryText(entry)}`];
    }),
    ...lastRemarks.map((remark) => ` remark ${remark}`),
  ];
}

function sequenceLines({ map, action, number, description, accessLists, nextHops, interfaces }: Sequence): string[] {
  return [
    `route-map ${map} ${action} ${number}`,
    ...(description === undefined ? [] : [` description ${description}`]),
    ...(accessLists.length > 0 ? [` match ip address ${accessLists.join(" ")}`] : []),
    ...(nextHops.length > 0 ? [` set ip next-hop ${nextHops.join(" ")}`] : []),
    ...(interfaces.length > 0 ? [` set interface ${interfaces.join(" ")}`] : []),
  ];
}
