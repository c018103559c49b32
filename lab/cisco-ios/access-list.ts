/** One end of an entry: addresses under a wildcard mask or a group of addresses, and a condition on ports. */
export interface EntryEnd {
  address: string;
  wildcard: string;
  /** Name of an `object-group network`, instead of the address. */
  group?: string;
  operator?: "eq" | "neq" | "gt" | "lt" | "range";
  ports: number[];
}

/** An entry of an access list. One of a standard list has the protocol `ip` and no destination. */
export interface Entry {
  action: "permit" | "deny";
  /** A name or a number. */
  protocol: string;
  source: EntryEnd;
  destination?: EntryEnd;
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

/** Names under which IOS shows ports. */
const PORT_NAMES = new Map([
  [7, "echo"],
  [20, "ftp-data"],
  [21, "ftp"],
  [23, "telnet"],
  [25, "smtp"],
  [43, "whois"],
  [49, "tacacs"],
  [53, "domain"],
  [80, "www"],
  [110, "pop3"],
  [111, "sunrpc"],
  [119, "nntp"],
  [179, "bgp"],
  [512, "exec"],
  [513, "login"],
  [514, "cmd"],
  [515, "lpd"],
]);

const OPERANDS = { eq: 10, neq: 10, gt: 1, lt: 1, range: 2 } as const;
const ADDRESS = /^(\d{1,3}\.){3}\d{1,3}$/;
const PROTOCOLS = "ahp eigrp esp gre icmp igmp ip ipinip nos ospf pcp pim sctp tcp udp".split(" ");
const FLAGS = ["established", "ack", "fin", "psh", "rst", "syn", "urg"];
const ICMP_TYPE = /^(echo|echo-reply|unreachable|time-exceeded|ttl-exceeded|redirect|port-unreachable|\d{1,3})$/;
/** Options with a value. */
const VALUED = ["dscp", "precedence", "tos", "time-range", "option"];

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
    const isComplete = source && rest.every((word) => word === "log");
    return isComplete ? { action, protocol: "ip", source, options: rest } : undefined;
  }
  const protocol = rest.shift() ?? "";
  if (!PROTOCOLS.includes(protocol) && !(/^\d{1,3}$/.test(protocol) && Number(protocol) < 256)) return undefined;
  const hasPorts = protocol === "tcp" || protocol === "udp";
  const source = takeEnd(rest, hasPorts);
  const destination = source && takeEnd(rest, hasPorts);
  if (!destination || !areOptions(rest, protocol)) return undefined;
  return { action, protocol, source, destination, options: rest };
}

/** An entry as `show running-config` prints it: the shorter word is padded, except in a numbered list. */
export function entryText({ action, protocol, source, destination, options }: Entry, isNumbered = false): string {
  const word = isNumbered ? action : action.padEnd(6);
  if (destination) return [word, protocol, endText(source), endText(destination), ...options].join(" ");
  return [word, endText(source).replace(/^host /, ""), ...options].join(" ");
}

function areOptions(words: readonly string[], protocol: string): boolean {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (VALUED.includes(word)) {
      index += 1;
      if (words[index] === undefined) return false;
    } else if (word === "ttl") {
      index += words[index + 1] === "range" ? 3 : 2;
      if (words[index] === undefined) return false;
    } else if (!["log", "log-input", "fragments"].includes(word)) {
      const isKnown = protocol === "tcp" ? FLAGS.includes(word) : protocol === "icmp" && ICMP_TYPE.test(word);
      if (!isKnown) return false;
    }
  }
  return true;
}

function takeEnd(words: string[], hasPorts: boolean): EntryEnd | undefined {
  const end = takeAddress(words);
  const operator = words[0];
  if (!end || !hasPorts || !isOperator(operator)) return end;
  words.shift();
  const ports: number[] = [];
  while (ports.length < OPERANDS[operator] && portOf(words[0]) !== undefined) ports.push(portOf(words.shift()) ?? 0);
  const isComplete = operator === "range" ? ports.length === 2 : ports.length > 0;
  return isComplete ? { ...end, operator, ports } : undefined;
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

function endText({ address, wildcard, group, operator, ports }: EntryEnd): string {
  const host = wildcard === "0.0.0.0" ? `host ${address}` : `${address} ${wildcard}`;
  const network = group !== undefined ? `object-group ${group}` : wildcard === "255.255.255.255" ? "any" : host;
  return [network, ...(operator ? [operator, ...ports.map((port) => PORT_NAMES.get(port) ?? String(port))] : [])].join(
    " ",
  );
}

function isOperator(word: string | undefined): word is keyof typeof OPERANDS {
  return word !== undefined && Object.hasOwn(OPERANDS, word);
}

function portOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (/^\d+$/.test(word)) return Number(word) <= 65535 ? Number(word) : undefined;
  return [...PORT_NAMES].find(([, name]) => name === word)?.[0];
}
