import { Address4 } from "ip-address";
import { areRangesOverlapping, isRangeWithin, type Range } from "../core/ranges";

/** First and last address of an IPv4 network or of a single address, as numbers. */
export type AddressRange = Range;

/** Four numbers and an optional prefix length, without leading zeros. */
const PLAIN_NETWORK = new RegExp(`^${Array(4).fill("(0|[1-9]\\d{0,2})").join("\\.")}(?:/(\\d|[12]\\d|3[012]))?$`);

/** The addresses of `10.0.0.0/24`, or of the single address `10.0.0.5`. */
export function addressRange(network: string): AddressRange {
  const plain = PLAIN_NETWORK.exec(network);
  if (plain) {
    const [a = 256, b = 256, c = 256, d = 256, prefix = 32] = plain.slice(1).map((part) => Number(part ?? 32));
    if (Math.max(a, b, c, d) < 256) {
      const size = 2 ** (32 - prefix);
      const address = ((a * 256 + b) * 256 + c) * 256 + d;
      const first = address - (address % size);
      return { first, last: first + size - 1 };
    }
  }
  // The library throws its own message for text that is not a network.
  const parsed = new Address4(network);
  return { first: Number(parsed.startAddress().bigInt()), last: Number(parsed.endAddress().bigInt()) };
}

/** Whether two networks or addresses overlap. */
export function areNetworksOverlapping(left: string, right: string): boolean {
  return areRangesOverlapping(addressRange(left), addressRange(right));
}

/** Whether the outer network contains every address of the inner one. */
export function isWithin(inner: string, outer: string): boolean {
  return isRangeWithin(addressRange(inner), addressRange(outer));
}

/** Sorts by address, wider networks first, and removes duplicates. */
export function canonicalNetworks(networks: readonly string[]): string[] {
  return [...new Set(networks)]
    .map((network) => ({ network, range: addressRange(network) }))
    .sort((left, right) => left.range.first - right.range.first || right.range.last - left.range.last)
    .map(({ network }) => network);
}

/** Address ranges that traffic between clients and servers can never have: this host, loopback, multicast, reserved. */
const NEVER_ROUTED = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"];

/** Whether traffic to or from this network can be routed; one part that cannot makes it false. */
export function isRoutable(network: string): boolean {
  return !NEVER_ROUTED.some((range) => areNetworksOverlapping(range, network));
}

/** Whether a value is an IPv4 network in canonical form: without host bits, with a prefix length. */
export function isCanonicalNetwork(value: unknown): value is string {
  if (typeof value !== "string" || !/^[\d.]+\/\d{1,2}$/.test(value) || !Address4.isValid(value)) return false;
  const network = new Address4(value);
  return `${network.startAddress().correctForm()}/${network.subnetMask}` === value;
}
