/** One end of an entry: addresses under a wildcard mask, and a condition on ports. */
export interface EntryEnd {
  address: string;
  wildcard: string;
  operator?: "eq" | "neq" | "gt" | "lt" | "range";
  ports: number[];
}

/** An entry of an extended access list. */
export interface Entry {
  action: "permit" | "deny";
  protocol: "ip" | "tcp" | "udp" | "icmp";
  source: EntryEnd;
  destination: EntryEnd;
  options: string[];
}

/** A line of an extended access list; a remark belongs to the entry after it. */
export type AccessLine = { sequence: number; remarks: string[]; entry: Entry };

/** An extended access list. */
export interface AccessList {
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

/** Parses the words of an entry after its number. @returns undefined when they are no complete entry */
export function parseEntry(words: readonly string[]): Entry | undefined {
  const rest = [...words];
  const [action, protocol] = [rest.shift(), rest.shift()];
  if (action !== "permit" && action !== "deny") return undefined;
  if (protocol !== "ip" && protocol !== "tcp" && protocol !== "udp" && protocol !== "icmp") return undefined;
  const hasPorts = protocol === "tcp" || protocol === "udp";
  const source = takeEnd(rest, hasPorts);
  const destination = source && takeEnd(rest, hasPorts);
  if (!destination || !rest.every((word) => ["log", "established"].includes(word))) return undefined;
  return { action, protocol, source, destination, options: rest };
}

/** An entry as `show running-config` prints it. */
export function entryText({ action, protocol, source, destination, options }: Entry): string {
  // The shorter word is padded.
  return [action.padEnd(6), protocol, endText(source), endText(destination), ...options].join(" ");
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

function takeAddress(words: string[]): EntryEnd | undefined {
  const first = words.shift() ?? "";
  if (first === "any") return { address: "0.0.0.0", wildcard: "255.255.255.255", ports: [] };
  const second = words.shift() ?? "";
  if (first === "host") return ADDRESS.test(second) ? { address: second, wildcard: "0.0.0.0", ports: [] } : undefined;
  if (!ADDRESS.test(first) || !ADDRESS.test(second)) return undefined;
  // Bits under the wildcard do not count and are shown as zero.
  const masked = first.split(".").map((part, index) => Number(part) & ~Number(second.split(".")[index]) & 255);
  return { address: masked.join("."), wildcard: second, ports: [] };
}

function endText({ address, wildcard, operator, ports }: EntryEnd): string {
  const network =
    wildcard === "255.255.255.255" ? "any" : wildcard === "0.0.0.0" ? `host ${address}` : `${address} ${wildcard}`;
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
