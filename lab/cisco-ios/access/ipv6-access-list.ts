import { isIPv6 } from "node:net";
import { ipv6Text, shortIpv6 } from "../../common/ipv6";
import { type PortCondition, portsText, takePorts } from "./access-list";

/** A line of an IPv6 access list. The network of the lab has no IPv6: the lists are kept, and match no packet. */
export interface Ipv6AccessLine {
  sequence: number;
  /** A rule, or a remark: the text after the number. */
  text: string;
}

/** A list of `ipv6 access-list`. */
export interface Ipv6AccessList {
  name: string;
  lines: Ipv6AccessLine[];
}

const PROTOCOLS = "ahp esp hbh icmp ipv6 pcp sctp tcp udp".split(" ");
const FLAGS = "ack established fin psh rst syn urg".split(" ");
const FLAT = "dest-option fragments hbh log log-input mobility routing undetermined-transport".split(" ");
const VALUED: Readonly<Record<string, RegExp>> = {
  dscp: /^(default|ef|af[1-4][1-3]|cs[1-7]|[0-5]?\d|6[0-3])$/,
  "flow-label": /^\d{1,7}$/,
  "time-range": /^[!-~]+$/,
  "routing-type": /^\d{1,3}$/,
  "dest-option-type": /^[!-~]+$/,
  "mobility-type": /^[!-~]+$/,
};
const ICMP_MESSAGE = /^[a-z][a-z-]+$/;

/** Reads a rule, in which `sequence NUMBER` may stand. @returns undefined when the words are no rule */
export function parseIpv6Rule(words: readonly string[]): { text: string; sequence?: number } | undefined {
  const rest = [...words];
  const [action = "", protocol = ""] = rest.splice(0, 2);
  const isNumber = /^\d{1,3}$/.test(protocol) && Number(protocol) < 256;
  if (!/^(permit|deny)$/.test(action) || (!PROTOCOLS.includes(protocol) && !isNumber)) return undefined;
  const hasPorts = /^(tcp|udp|sctp)$/.test(protocol);
  const ends = [takeEnd(rest, hasPorts ? protocol : undefined), takeEnd(rest, hasPorts ? protocol : undefined)];
  const at = rest.indexOf("sequence");
  const [, number] = at < 0 ? [] : rest.splice(at, 2);
  if (at >= 0 && !/^[1-9]\d*$/.test(number ?? "")) return undefined;
  const options = takeOptions(rest, protocol);
  if (ends.includes(undefined) || !options) return undefined;
  const text = [action, protocol, ...ends, ...options].join(" ");
  return { text, ...(number !== undefined && { sequence: Number(number) }) };
}

/** Takes an address and a condition on ports; undefined when there is no whole one. */
function takeEnd(rest: string[], protocol: string | undefined): string | undefined {
  const first = rest.shift() ?? "";
  const host = first === "host" ? rest.shift() : undefined;
  const address =
    first === "any" ? first : host !== undefined && isIPv6(host) ? `host ${shortIpv6(host)}` : ipv6Text(first);
  if (address === undefined || protocol === undefined || !isOperator(rest[0])) return address;
  const ports: PortCondition | undefined = takePorts(rest, protocol);
  return ports && [address, ...portsText(ports, protocol)].join(" ");
}

function isOperator(word: string | undefined): boolean {
  return /^(eq|neq|gt|lt|range)$/.test(word ?? "");
}

function takeOptions(rest: string[], protocol: string): string[] | undefined {
  const options: string[] = [];
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    const value = Object.hasOwn(VALUED, word) ? rest.shift() : undefined;
    if (value !== undefined && VALUED[word]?.test(value)) options.push(`${word} ${value}`);
    else if (FLAT.includes(word) || (protocol === "tcp" && FLAGS.includes(word))) options.push(word);
    else if (protocol === "icmp" && options.length === 0 && ICMP_MESSAGE.test(word)) options.push(word);
    else if (protocol === "icmp" && options.length < 2 && /^\d{1,3}$/.test(word)) options.push(word);
    else return undefined;
  }
  return options;
}

/** The blocks of a running configuration. Without `isNumbered`, a rule shows its number only where it is not the next one. */
export function ipv6AccessListLines(lists: readonly Ipv6AccessList[], isNumbered: boolean): string[] {
  return lists.flatMap(({ name, lines }) => [
    `ipv6 access-list ${name}`,
    ...lines.map(({ sequence, text }, index) => {
      const isNext = sequence === (lines[index - 1]?.sequence ?? 0) + 10;
      return isNumbered || !isNext ? ` sequence ${sequence} ${text}` : ` ${text}`;
    }),
    "!",
  ]);
}

/** `show ipv6 access-list`. Remarks are not shown. */
export function ipv6AccessListsText(lists: readonly Ipv6AccessList[], only?: string): string {
  return lists
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(({ name, lines }) => [
      `IPv6 access list ${name}`,
      ...lines
        .filter(({ text }) => !text.startsWith("remark "))
        .map(({ sequence, text }) => `    ${text} sequence ${sequence}`),
    ])
    .join("\n");
}
