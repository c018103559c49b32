import { addressRange } from "../../networks";
import type { PortRange } from "../../ports";
import { portNumber } from "./port-names";

/** One side of an access list entry. */
export interface EntryEnd {
  /** `any`, `host 10.0.0.5`, `10.0.0.0 0.0.0.255`, or an object group. */
  network: string;
  /** `eq 22`, `range 5900 5910`, …; empty without a condition. */
  ports: string;
}

/** An entry of an extended access list, in canonical form. */
export interface AccessEntry {
  action: string;
  protocol: string;
  source: EntryEnd;
  destination: EntryEnd;
  /** Further conditions, such as `established log`. */
  rest: string;
}

/** A network as a running configuration shows it; all addresses without one. */
export function networkText(network?: string): string {
  if (network === undefined) return "any";
  const { first, last } = addressRange(network);
  if (first === last) return `host ${addressText(first)}`;
  return `${addressText(first)} ${addressText(last - first)}`;
}

/** A condition for one port or a range of ports. */
export function portsText({ first, last }: PortRange): string {
  return first === last ? `eq ${first}` : `range ${first} ${last}`;
}

/** An entry as a running configuration shows it, with numbers for all ports. */
export function entryText({ action, protocol, source, destination, rest }: AccessEntry): string {
  const words = [action, protocol, source.network, source.ports, destination.network, destination.ports, rest];
  return words.filter((word) => word !== "").join(" ");
}

/**
 * Parses an entry in any of the spellings of IOS and IOS-XE: with or without sequence number and counter, with names or
 * numbers of ports, with `host`, wildcard masks or `any`. Undefined for lines that are no extended entry.
 */
export function parseEntry(line: string): AccessEntry | undefined {
  const words = line
    .trim()
    .replace(/^\d+ +/, "")
    .replace(/ *\(\d+ match(es)?\)$/, "")
    .split(/ +/);
  const [action = "", protocol = ""] = words.splice(0, 2);
  if (!["permit", "deny"].includes(action) || protocol === "" || !/^[a-z0-9-]+$/.test(protocol)) return undefined;
  const source = takeEnd(words, protocol);
  const destination = source && takeEnd(words, protocol);
  if (!destination) return undefined;
  return { action, protocol, source, destination, rest: words.join(" ") };
}

const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;

function takeEnd(words: string[], protocol: string): EntryEnd | undefined {
  const network = takeNetwork(words);
  return network === undefined ? undefined : { network, ports: takePorts(words, protocol) };
}

function takeNetwork(words: string[]): string | undefined {
  const [first = "", second = ""] = words;
  if (first === "any") {
    words.shift();
    return "any";
  }
  words.splice(0, 2);
  if (first === "host" && ADDRESS.test(second)) return `host ${second}`;
  if (first === "object-group" || first === "addrgroup") return second === "" ? undefined : `${first} ${second}`;
  if (!ADDRESS.test(first) || !ADDRESS.test(second)) return undefined;
  if (second === "255.255.255.255") return "any";
  return second === "0.0.0.0" ? `host ${first}` : `${first} ${second}`;
}

/** Takes a condition on ports; one `eq` may be followed by several ports. */
function takePorts(words: string[], protocol: string): string {
  const [operator = ""] = words;
  const most = { eq: 10, neq: 10, gt: 1, lt: 1, range: 2 }[operator];
  if (most === undefined) return "";
  words.shift();
  const ports: number[] = [];
  while (ports.length < most) {
    const port = portNumber(words[0], protocol);
    if (port === undefined) break;
    ports.push(port);
    words.shift();
  }
  return `${operator} ${ports.join(" ")}`;
}

function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
