import { parseOptions } from "./entry-options";
import { portOf, portText } from "./ports";

/** A condition on ports. */
export interface PortCondition {
  operator: "eq" | "neq" | "gt" | "lt" | "range";
  ports: number[];
}

/** One end of an entry: addresses under a wildcard mask or a group of addresses, and a condition on ports. */
export interface EntryEnd extends Partial<Pick<PortCondition, "operator">>, Pick<PortCondition, "ports"> {
  address: string;
  wildcard: string;
  /** Name of an `object-group network`, instead of the address. */
  group?: string;
}

/** An entry of an access list. One of a standard list has the protocol `ip` and no destination. */
export interface Entry {
  action: "permit" | "deny";
  /** A name or a number. */
  protocol: string;
  /** Name of an `object-group service`, instead of the protocol and of conditions on ports. */
  serviceGroup?: string;
  source: EntryEnd;
  destination?: EntryEnd;
  /** Each with its values: `established`, `dscp ef`, `log`. */
  options: string[];
}

/** A line of an access list; a remark belongs to the entry after it. */
export type AccessLine = { sequence: number; remarks: string[]; entry: Entry };

/** Standard lists match source addresses only. */
export type ListKind = "standard" | "extended";

/** An access list. */
export interface AccessList {
  kind: ListKind;
  name: string;
  lines: AccessLine[];
  /** Remarks after the last entry. */
  lastRemarks: string[];
}

const OPERANDS = { eq: 10, neq: 10, gt: 1, lt: 1, range: 2 } as const;
const ADDRESS = /^(\d{1,3}\.){3}\d{1,3}$/;
const PROTOCOLS = "ahp eigrp esp gre icmp igmp ip ipinip nos ospf pcp pim sctp tcp udp".split(" ");
/** Protocols by the numbers that devices show by name. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  1: "icmp",
  2: "igmp",
  4: "ipinip",
  6: "tcp",
  17: "udp",
  47: "gre",
  50: "esp",
  51: "ahp",
  88: "eigrp",
  89: "ospf",
  94: "nos",
  103: "pim",
  108: "pcp",
  132: "sctp",
};

/** The kind of a list with a number for a name; undefined for other numbers. */
export function numberedKind(name: string): ListKind | undefined {
  const number = Number(name);
  if ((number >= 1 && number <= 99) || (number >= 1300 && number <= 1999)) return "standard";
  return (number >= 100 && number <= 199) || (number >= 2000 && number <= 2699) ? "extended" : undefined;
}

/** Parses the words of an entry after its number. @returns undefined when they are no complete entry */
export function parseEntry(words: readonly string[], kind: ListKind): Entry | undefined {
  const rest = [...words];
  const action = rest.shift();
  if (action !== "permit" && action !== "deny") return undefined;
  if (kind === "standard") {
    const source = takeAddress(rest, true);
    const options = rest[0] === undefined || rest[0] === "log" ? parseOptions(rest, "ip") : undefined;
    return source && options && options.length < 2 ? { action, protocol: "ip", source, options } : undefined;
  }
  const word = rest.shift() ?? "";
  const protocol = PROTOCOL_NAMES[word] ?? word;
  if (protocol === "object-group") return parseServiceEntry(action, rest);
  if (!PROTOCOLS.includes(protocol) && !(/^\d{1,3}$/.test(protocol) && Number(protocol) < 256)) return undefined;
  const hasPorts = protocol === "tcp" || protocol === "udp";
  const source = takeEnd(rest, hasPorts ? protocol : undefined);
  const destination = source && takeEnd(rest, hasPorts ? protocol : undefined);
  if (!destination) return undefined;
  const options = parseOptions(rest, protocol);
  return options && { action, protocol, source, destination, options };
}

/** `permit object-group SERVICES …` */
function parseServiceEntry(action: Entry["action"], words: string[]): Entry | undefined {
  const serviceGroup = words.shift();
  const source = takeEnd(words, undefined);
  const destination = source && takeEnd(words, undefined);
  const options = destination && parseOptions(words, "ip");
  if (serviceGroup === undefined || !options) return undefined;
  return { action, protocol: "ip", serviceGroup, source, destination, options };
}

/** An entry as `show running-config` prints it: the shorter word is padded, except in a numbered list. */
export function entryText(entry: Entry, isNumbered = false): string {
  const { action, protocol, serviceGroup, source, destination, options } = entry;
  const word = isNumbered ? action : action.padEnd(6);
  const what = serviceGroup === undefined ? protocol : `object-group ${serviceGroup}`;
  if (destination) return [word, what, endText(source, protocol), endText(destination, protocol), ...options].join(" ");
  return [word, endText(source, protocol).replace(/^host /, ""), ...options].join(" ");
}

/** Takes the words of an end; without a protocol of ports it has no condition on them. */
function takeEnd(words: string[], protocol: string | undefined): EntryEnd | undefined {
  const end = takeAddress(words);
  if (!end || protocol === undefined || !isOperator(words[0])) return end;
  const condition = takePorts(words, protocol);
  return condition && { ...end, ...condition };
}

/** Takes a condition on ports: one `eq` may be followed by several. Undefined when there is no whole one. */
export function takePorts(words: string[], protocol: string): PortCondition | undefined {
  const [operator] = words;
  if (!isOperator(operator)) return undefined;
  words.shift();
  const ports: number[] = [];
  for (let port = portOf(words[0], protocol); port !== undefined; port = portOf(words[0], protocol)) {
    if (ports.length === OPERANDS[operator]) break;
    ports.push(port);
    words.shift();
  }
  const isComplete = operator === "range" ? ports.length === 2 : ports.length > 0;
  return isComplete ? { operator, ports } : undefined;
}

/** The words of a condition on ports. */
export function portsText({ operator, ports }: PortCondition, protocol: string): string[] {
  return [operator, ...ports.map((port) => portText(port, protocol))];
}

/** Takes an address; `isAloneAHost` takes one without a mask. */
function takeAddress(words: string[], isAloneAHost = false): EntryEnd | undefined {
  const first = words.shift() ?? "";
  if (isAloneAHost && ADDRESS.test(first) && !ADDRESS.test(words[0] ?? ""))
    return { address: first, wildcard: "0.0.0.0", ports: [] };
  if (first === "object-group") {
    const group = words.shift();
    return group === undefined ? undefined : { address: "", wildcard: "", group, ports: [] };
  }
  if (first === "any") return { address: "0.0.0.0", wildcard: "255.255.255.255", ports: [] };
  const second = words.shift() ?? "";
  if (first === "host") return ADDRESS.test(second) ? { address: second, wildcard: "0.0.0.0", ports: [] } : undefined;
  if (!ADDRESS.test(first) || !ADDRESS.test(second)) return undefined;
  // Bits under the wildcard do not count and are shown as zero.
  const masked = first.split(".").map((part, index) => Number(part) & ~Number(second.split(".")[index]) & 255);
  return { address: masked.join("."), wildcard: second, ports: [] };
}

function endText({ address, wildcard, group, operator, ports }: EntryEnd, protocol: string): string {
  const host = wildcard === "0.0.0.0" ? `host ${address}` : `${address} ${wildcard}`;
  const network = group !== undefined ? `object-group ${group}` : wildcard === "255.255.255.255" ? "any" : host;
  return [network, ...(operator ? portsText({ operator, ports }, protocol) : [])].join(" ");
}

function isOperator(word: string | undefined): word is keyof typeof OPERANDS {
  return word !== undefined && Object.hasOwn(OPERANDS, word);
}
