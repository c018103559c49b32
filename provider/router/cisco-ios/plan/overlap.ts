import { areRangesOverlapping, type Range } from "../../../core/ranges";
import { addressRange } from "../../networks";
import { joinRanges, type PortRange } from "../../ports";
import { type EntryEnd, parseEntry } from "../model/access-entry";

/** Whether a packet may match an entry of both lists. Conditions that are not understood count as matching. */
export function areEntriesOverlapping(left: readonly string[], right: readonly string[]): boolean {
  return left.some((one) => right.some((other) => isOverlapping(one, other)));
}

function isOverlapping(left: string, right: string): boolean {
  const [one, other] = [parseEntry(left), parseEntry(right)];
  if (!one || !other) return true;
  if (!areProtocolsOverlapping(one.protocol, other.protocol)) return false;
  return areEndsOverlapping(one.source, other.source) && areEndsOverlapping(one.destination, other.destination);
}

const PROTOCOL_NAMES: Readonly<Record<string, string>> = { "1": "icmp", "6": "tcp", "17": "udp" };

/** The protocol `ip` stands for all. */
function areProtocolsOverlapping(left: string, right: string): boolean {
  const [one, other] = [left, right].map((text) => PROTOCOL_NAMES[text] ?? text);
  return one === other || one === "ip" || other === "ip";
}

function areEndsOverlapping(left: EntryEnd, right: EntryEnd): boolean {
  const [one, other] = [networkOf(left), networkOf(right)];
  if (one && other && !areRangesOverlapping(one, other)) return false;
  const [ports, others] = [portsOf(left), portsOf(right)];
  if (!ports || !others) return true;
  return ports.some((range) => others.some((otherRange) => areRangesOverlapping(range, otherRange)));
}

/** The addresses of one end; undefined when they are all or not understood. */
function networkOf({ network }: EntryEnd): Range | undefined {
  const [first = "", second = ""] = network.split(" ");
  if (first === "host") return addressRange(second);
  if (!/^\d/.test(first)) return undefined;
  const from = addressRange(first).first;
  const size = addressRange(second).first;
  // Only the wildcard masks of networks are ranges.
  return Number.isInteger(Math.log2(size + 1)) ? { first: from, last: from + size } : undefined;
}

/** The ports of one end; undefined when they are all or not understood. */
function portsOf({ ports }: EntryEnd): PortRange[] | undefined {
  const [operator, ...numbers] = ports.split(" ");
  const [first = 0, last = 0] = numbers.map(Number);
  if (operator === "range") return [{ first, last }];
  if (operator !== "eq") return undefined;
  return joinRanges(numbers.map((number) => ({ first: Number(number), last: Number(number) })));
}
