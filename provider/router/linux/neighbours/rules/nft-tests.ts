import { addressesOf, elementsOf, type NamedSets, portsOf, textsOf, under } from "./nft-values";
import type { Test } from "./ruleset";

const NEVER: Test = { on: "never" };
const UNKNOWN: Test = { on: "unknown", isLimiting: false };
const LIMITING: Test = { on: "unknown", isLimiting: true };

/** Payload of protocols that no redirected packet has. */
const OTHER_PROTOCOLS = [
  "udp",
  "udplite",
  "icmp",
  "icmpv6",
  "sctp",
  "dccp",
  "esp",
  "ah",
  "comp",
  "arp",
  "vlan",
  "igmp",
];

/** Fields of the router's own sockets; forwarded packets have none. */
const SOCKET_KEYS = ["skuid", "skgid", "cgroup"];

/** Statements that count as conditions for unusual packets. */
const LIMITS = ["limit", "ct count", "quota"];

/** The conditions of one expression of a rule; none when it is no condition or holds for all packets. */
export function testsOf(expression: Record<string, unknown>, sets: NamedSets): Test[] {
  const { match, xt } = expression;
  if (match !== undefined) return matchTests(match, sets);
  if (LIMITS.some((key) => key in expression)) return [LIMITING];
  const name = under(xt, "name");
  return under(xt, "type") === "match" && name !== "comment" ? [UNKNOWN] : [];
}

function matchTests(match: unknown, sets: NamedSets): Test[] {
  const op = String(under(match, "op"));
  const isNegated = op === "!=" || op === "!";
  if (!["==", "!=", "in", "!"].includes(op)) return [UNKNOWN];
  return comparison(under(match, "left"), under(match, "right"), isNegated, sets);
}

/** The conditions of a comparison of a field with a value or a set. */
export function comparison(left: unknown, right: unknown, isNegated: boolean, sets: NamedSets): Test[] {
  const values = elementsOf(right, sets);
  if (!values) return [UNKNOWN];
  const fields = under(left, "concat");
  if (Array.isArray(fields)) {
    const lists = values.map((value) => {
      const parts = under(value, "concat");
      if (!Array.isArray(parts)) return [UNKNOWN];
      return fields.flatMap((field, index) => fieldTests(field, [parts[index]], false));
    });
    return [{ on: "any", lists, isNegated }];
  }
  return values.length === 0 && !isNegated ? [NEVER] : fieldTests(left, values, isNegated);
}

function fieldTests(left: unknown, values: readonly unknown[], isNegated: boolean): Test[] {
  const meta = under(under(left, "meta"), "key");
  const ct = under(under(left, "ct"), "key");
  const fib = under(left, "fib");
  const payload = under(left, "payload");
  if (meta !== undefined) return metaTests(String(meta), values, isNegated);
  if (ct !== undefined) return ctTests(String(ct), values, isNegated);
  if (fib !== undefined) return fibTests(fib, values, isNegated);
  if (payload !== undefined) {
    return payloadTests(String(under(payload, "protocol")), String(under(payload, "field")), values, isNegated);
  }
  const masked = under(left, "&");
  if (Array.isArray(masked)) return maskedTests(masked[0], masked[1], values, isNegated);
  if (under(left, "ipsec") !== undefined) return [NEVER];
  return [UNKNOWN];
}

/** Whether a list of values contains one, as a condition that holds always or never. */
function constant(isContained: boolean, isNegated: boolean): Test[] {
  return isContained === isNegated ? [NEVER] : [];
}

const isTcp = (values: readonly unknown[]) => values.some((value) => value === "tcp" || value === 6);

function metaTests(key: string, values: readonly unknown[], isNegated: boolean): Test[] {
  const texts = textsOf(values);
  if (["iifname", "iif", "oifname", "oif"].includes(key)) {
    return texts ? [{ on: key.startsWith("iif") ? "arrivesOn" : "leavesOn", names: texts, isNegated }] : [UNKNOWN];
  }
  if (SOCKET_KEYS.includes(key)) return [NEVER];
  if (key === "l4proto") return constant(isTcp(values), isNegated);
  if (key === "pkttype") return constant(values.includes("unicast") || values.includes("host"), isNegated);
  if (key === "ipsec" || key === "secpath") return constant(values.includes(false), isNegated);
  if (key === "mark") return markTests("packetMark", 0xffffffff, values, isNegated);
  if (key !== "nfproto" && key !== "protocol") return [UNKNOWN];
  const families = (["ip", "ip6"] as const).filter((_, index) =>
    values.some((value) => value === ["ipv4", "ipv6"][index] || value === ["ip", "ip6"][index]),
  );
  const lists = families.map((family): Test[] => [{ on: "family", family }]);
  return [{ on: "any", lists, isNegated }];
}

function ctTests(key: string, values: readonly unknown[], isNegated: boolean): Test[] {
  const texts = textsOf(values);
  if (key === "state") return texts ? [{ on: "state", states: texts, isNegated }] : [UNKNOWN];
  if (key === "mark") return markTests("connectionMark", 0xffffffff, values, isNegated);
  if (key === "direction" && texts?.[0]) return [{ on: "direction", direction: texts[0], isNegated }];
  if (key === "status" && texts?.every((text) => ["dnat", "snat", "expected"].includes(text))) {
    return constant(false, isNegated);
  }
  return [UNKNOWN];
}

function markTests(
  on: "packetMark" | "connectionMark",
  mask: number,
  values: readonly unknown[],
  isNegated: boolean,
): Test[] {
  const numbers = values.filter((value): value is number => typeof value === "number");
  if (numbers.length !== values.length) return [UNKNOWN];
  const lists = numbers.map((value): Test[] => [{ on, mark: { value, mask }, isNegated: false }]);
  return [{ on: "any", lists, isNegated }];
}

function fibTests(fib: unknown, values: readonly unknown[], isNegated: boolean): Test[] {
  const flags = under(fib, "flags");
  const names = Array.isArray(flags) ? flags : [flags];
  if (under(fib, "result") === "type") {
    if (!names.includes("daddr")) return constant(values.includes("unicast"), isNegated);
    return values.includes("local") ? [{ on: "local", isNegated }] : constant(values.includes("unicast"), isNegated);
  }
  const [isThere] = values;
  if (!names.includes("saddr") || typeof isThere !== "boolean") return [UNKNOWN];
  return [{ on: "reversePath", isLoose: !names.includes("iif"), isNegated: isThere === isNegated }];
}

function payloadTests(protocol: string, field: string, values: readonly unknown[], isNegated: boolean): Test[] {
  const onlyIp4: Test = { on: "family", family: "ip" };
  if (protocol === "ip6") return [{ on: "family", family: "ip6" }, UNKNOWN];
  if (OTHER_PROTOCOLS.includes(protocol)) return [NEVER];
  if (protocol === "ip" && (field === "saddr" || field === "daddr")) {
    const ranges = addressesOf(values);
    const on = field === "saddr" ? "source" : "destination";
    return ranges ? [onlyIp4, { on, ranges, isNegated }] : [UNKNOWN];
  }
  if (protocol === "ip" && field === "protocol") return [onlyIp4, ...constant(isTcp(values), isNegated)];
  if ((protocol === "tcp" || protocol === "th") && (field === "sport" || field === "dport")) {
    const ranges = portsOf(values);
    const on = field === "sport" ? "sourcePort" : "destinationPort";
    return ranges ? [{ on, ranges, isNegated }] : [UNKNOWN];
  }
  if (protocol === "tcp" && field === "flags") {
    const set = upper(values);
    // Without a mask, one of the flags must be set.
    const lists = set.map((flag): Test[] => [{ on: "flags", mask: [flag], set: [flag], isNegated: false }]);
    return [{ on: "any", lists, isNegated }];
  }
  return [UNKNOWN];
}

function maskedTests(field: unknown, mask: unknown, values: readonly unknown[], isNegated: boolean): Test[] {
  const meta = under(under(field, "meta"), "key");
  const ct = under(under(field, "ct"), "key");
  if (typeof mask === "number" && (meta === "mark" || ct === "mark")) {
    return markTests(meta === "mark" ? "packetMark" : "connectionMark", mask, values, isNegated);
  }
  if (under(under(field, "payload"), "field") === "flags" && under(under(field, "payload"), "protocol") === "tcp") {
    return [{ on: "flags", mask: upper([mask]), set: upper(values), isNegated }];
  }
  return [UNKNOWN];
}

/** Flags in capitals; some versions join them with `|`, and list none as 0. */
function upper(values: readonly unknown[]): string[] {
  return values.flatMap((value): string[] => {
    if (Array.isArray(value)) return upper(value);
    const joined = under(value, "|");
    if (Array.isArray(joined)) return upper(joined);
    return typeof value === "string" ? [value.toUpperCase()] : [];
  });
}
