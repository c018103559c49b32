import { areRangesOverlapping, type Range } from "../core/ranges";

/** One TCP port, or a range such as `5900-5910`. */
export type Port = number | string;

/** A range of ports; a single port is a range of one. */
export type PortRange = Range;

/** Every port. */
export const ALL_PORTS: PortRange = { first: 1, last: 65_535 };

const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65535;

/** The range of a port; undefined for anything else than a port or a rising range of ports. */
export function portRange(port: unknown): PortRange | undefined {
  if (typeof port === "number") return isPort(port) ? { first: port, last: port } : undefined;
  const ends = typeof port === "string" ? /^([1-9]\d{0,4})-([1-9]\d{0,4})$/.exec(port) : null;
  if (!ends) return undefined;
  const [first, last] = [Number(ends[1]), Number(ends[2])];
  return isPort(first) && isPort(last) && first < last ? { first, last } : undefined;
}

/** The ranges of ports that passed the input check. */
export function portRanges(ports: readonly Port[]): PortRange[] {
  return ports.map(portRange).filter((range) => range !== undefined);
}

/** Sorts ports, removes duplicates and joins overlapping ranges, so that equal sets become equal lists. */
export function canonicalPorts(ports: readonly Port[]): Port[] {
  return joinRanges(portRanges(ports)).map(portOf);
}

/** Sorts ranges and joins those that overlap. `gap` 1 also joins adjacent ones. */
export function joinRanges(ranges: readonly PortRange[], gap = 0): PortRange[] {
  const joined: PortRange[] = [];
  for (const range of [...ranges].sort((left, right) => left.first - right.first)) {
    const previous = joined.at(-1);
    if (previous && range.first <= previous.last + gap) previous.last = Math.max(previous.last, range.last);
    else joined.push({ ...range });
  }
  return joined;
}

/** A range as a user writes it. */
export function portOf({ first, last }: PortRange): Port {
  return first === last ? first : `${first}-${last}`;
}

/** Whether two lists have a port in common. */
export function arePortsOverlapping(left: readonly Port[], right: readonly Port[]): boolean {
  const others = portRanges(right);
  return portRanges(left).some((one) => others.some((other) => areRangesOverlapping(one, other)));
}

/** Splits a list so that no part needs more than `slots` slots; a range needs two, a single port one. */
export function splitPorts(ports: readonly Port[], slots: number): PortRange[][] {
  const parts: PortRange[][] = [];
  let free = 0;
  for (const range of portRanges(ports)) {
    const needed = range.first === range.last ? 1 : 2;
    if (needed > free) {
      parts.push([]);
      free = slots;
    }
    parts.at(-1)?.push(range);
    free -= needed;
  }
  return parts;
}
