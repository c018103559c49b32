import { z } from "zod";
import type { PortRange } from "../../ports";
import { MARK_MASK, type NextHop, PROTOCOL } from "./next-hops";
import { printMark } from "./rule";

/** Traffic that a policy rule selects itself. Absent parts match everything. */
export interface TrafficSelector {
  arrivesOn?: string;
  source?: string;
  destination?: string;
  /** True matches TCP only. */
  isTcp?: boolean;
  sourcePorts?: PortRange;
  destinationPorts?: PortRange;
}

/** A policy rule from `ip -N -j -4 rule show`. */
export interface PolicyRule {
  priority: number;
  /** Absent when the rule matches any mark. */
  mark?: { value: number; mask: number };
  /** Absent when the rule selects only by the mark. */
  selector?: TrafficSelector;
  /** Absent for rules that do not look up a table. */
  table?: number;
  /** Absent when the rule has no protocol tag. */
  protocol?: number;
  /** The conditions and actions beyond the fields above, as `ip` prints them; absent when there are none. */
  extra?: Readonly<Record<string, unknown>>;
  /** False when the rule has such conditions or actions. */
  isPlain: boolean;
  /** The rule in words, for messages. */
  text: string;
}

/** A route from `ip -N -j -4 route show table N`. */
export interface Route {
  /** `unicast`, `unreachable`, …; a number for types that are not used here. */
  type: string;
  destination: string;
  gateway?: string;
  device?: string;
  metric: number;
  /** 3 (boot) when the route has no protocol tag. */
  protocol: number;
  /** False when the route has parts beyond the fields above, such as several next hops. */
  isPlain: boolean;
}

/** The metric of the route that refuses packets while the route to SPS is missing: the lowest preference. */
export const LAST_METRIC = 4294967295;

const numberText = z.union([z.string(), z.number()]).transform((value) => Number(value));

const ruleJson = z.looseObject({
  priority: z.number(),
  fwmark: numberText.optional(),
  fwmask: numberText.optional(),
  table: numberText.optional(),
  protocol: numberText.optional(),
  src: z.string().optional(),
  srclen: z.number().optional(),
  dst: z.string().optional(),
  dstlen: z.number().optional(),
  iif: z.string().optional(),
  ipproto: z.string().optional(),
  sport: z.number().optional(),
  sport_start: z.number().optional(),
  sport_end: z.number().optional(),
  dport: z.number().optional(),
  dport_start: z.number().optional(),
  dport_end: z.number().optional(),
});

const routeJson = z.looseObject({
  type: z.string().optional(),
  dst: z.string(),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  metric: z.number().optional(),
  protocol: numberText.optional(),
});

const ROUTE_TYPES: Record<string, string> = {
  "1": "unicast",
  "2": "local",
  "6": "blackhole",
  "7": "unreachable",
  "8": "prohibit",
  "9": "throw",
};

/** `iif_detached` is set while the interface does not exist; the rule is the same. */
const PLAIN_RULE = [...Object.keys(ruleJson.shape), "iif_detached"];

/** The names of TCP in older and newer tools. */
const TCP = ["tcp", "6", "ipproto-6"];
const PLAIN_ROUTE = ["type", "dst", "gateway", "dev", "metric", "protocol", "flags"];

/** Parses the output of `ip -N -j -4 rule show`. Throws when it is malformed. */
export function parsePolicyRules(json: string): PolicyRule[] {
  return z
    .array(ruleJson)
    .parse(JSON.parse(json))
    .map((entry) => ({ entry, selector: selectorOf(entry), extra: extraOf(entry) }))
    .map(({ entry, selector, extra }) => ({
      priority: entry.priority,
      ...(Object.keys(selector).length > 0 && { selector }),
      ...(entry.fwmark !== undefined && { mark: { value: entry.fwmark, mask: entry.fwmask ?? 0xffffffff } }),
      ...(entry.table !== undefined && { table: entry.table }),
      ...(entry.protocol !== undefined && { protocol: entry.protocol }),
      ...(Object.keys(extra).length > 0 && { extra }),
      isPlain: Object.keys(extra).every((key) => key === "iif_detached"),
      text: wordsOf(entry),
    }));
}

/** Parses the output of `ip -N -j -4 route show table N`. Throws when it is malformed. */
export function parseRoutes(json: string): Route[] {
  return z
    .array(routeJson)
    .parse(JSON.parse(json))
    .map((entry) => ({
      type: ROUTE_TYPES[entry.type ?? "1"] ?? entry.type ?? "",
      destination: entry.dst,
      ...(entry.gateway !== undefined && { gateway: entry.gateway }),
      ...(entry.dev !== undefined && { device: entry.dev }),
      metric: entry.metric ?? 0,
      protocol: entry.protocol ?? 3,
      isPlain: Object.keys(entry).every((key) => PLAIN_ROUTE.includes(key)),
    }));
}

/** The parts that rules of redirections never have; `iif_detached` matters for other rules only. */
function extraOf(entry: z.output<typeof ruleJson>): Record<string, unknown> {
  const isOther = (key: string) => key === "iif_detached" || !PLAIN_RULE.includes(key);
  const extra = Object.entries(entry).filter(([key]) => isOther(key));
  const isTcp = entry.ipproto === undefined || TCP.includes(entry.ipproto);
  return Object.fromEntries(isTcp ? extra : [...extra, ["ipproto", entry.ipproto]]);
}

function selectorOf(entry: z.output<typeof ruleJson>): TrafficSelector {
  const source = networkIn(entry.src, entry.srclen);
  const destination = networkIn(entry.dst, entry.dstlen);
  const sourcePorts = portsIn(entry.sport, entry.sport_start, entry.sport_end);
  const destinationPorts = portsIn(entry.dport, entry.dport_start, entry.dport_end);
  return {
    ...(entry.iif !== undefined && { arrivesOn: entry.iif }),
    ...(source !== undefined && { source }),
    ...(destination !== undefined && { destination }),
    ...(TCP.includes(entry.ipproto ?? "") && { isTcp: true }),
    ...(sourcePorts && { sourcePorts }),
    ...(destinationPorts && { destinationPorts }),
  };
}

function networkIn(address: string | undefined, length: number | undefined): string | undefined {
  return address === undefined || address === "all" ? undefined : `${address}/${length ?? 32}`;
}

function portsIn(single: number | undefined, first = single, last = single): PortRange | undefined {
  return first === undefined || last === undefined ? undefined : { first, last };
}

/** The policy rule that sends marked packets to the table of a next hop. */
export function policyRuleOf(hop: NextHop): PolicyRule {
  const rule: PolicyRule = {
    priority: hop.priority,
    mark: { value: hop.mark, mask: MARK_MASK },
    table: hop.table,
    protocol: PROTOCOL,
    isPlain: true,
    text: "",
  };
  return { ...rule, text: policyRuleWords(rule).join(" ") };
}

/**
 * The routes in the table of a next hop: the default route to SPS and, when it fails closed, the unreachable route
 * after it.
 */
export function routesOf(hop: NextHop): Route[] {
  const common = { destination: "default", protocol: PROTOCOL, isPlain: true };
  const toSps: Route = { ...common, type: "unicast", gateway: hop.gateway, device: hop.device, metric: 0 };
  return hop.isFailClosed ? [toSps, { ...common, type: "unreachable", metric: LAST_METRIC }] : [toSps];
}

/** The arguments of `ip -4 rule add` and `del` for exactly this plain rule. */
export function policyRuleWords(rule: PolicyRule): string[] {
  const words = ["pref", `${rule.priority}`, ...selectorWords(rule.selector ?? {})];
  if (rule.mark) words.push("fwmark", printMark(rule.mark));
  if (rule.table !== undefined) words.push("lookup", `${rule.table}`);
  if (rule.protocol !== undefined) words.push("protocol", `${rule.protocol}`);
  return words;
}

/** The same as a line for `ip -batch`. */
export function policyRuleChange(verb: "add" | "del", rule: PolicyRule): string {
  return `rule ${verb} ${policyRuleWords(rule).join(" ")}`;
}

function selectorWords(selector: TrafficSelector): string[] {
  const words: string[] = [];
  if (selector.source !== undefined) words.push("from", selector.source);
  if (selector.destination !== undefined) words.push("to", selector.destination);
  if (selector.arrivesOn !== undefined) words.push("iif", selector.arrivesOn);
  if (selector.isTcp) words.push("ipproto", "tcp");
  if (selector.sourcePorts) words.push("sport", portWord(selector.sourcePorts));
  if (selector.destinationPorts) words.push("dport", portWord(selector.destinationPorts));
  return words;
}

function portWord({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** A policy rule as a canonical line. */
export function policyRuleLine(rule: PolicyRule): string {
  return `rule: ${rule.isPlain ? policyRuleWords(rule).join(" ") : rule.text}`;
}

/** The arguments of `ip -4 route replace` and `del` for exactly this route; for one that is not plain, its key. */
export function routeWords(route: Route, table: number): string[] {
  const words = route.type === "unicast" ? [route.destination] : [route.type, route.destination];
  if (route.isPlain && route.gateway !== undefined) words.push("via", route.gateway);
  if (route.isPlain && route.device !== undefined) words.push("dev", route.device);
  if (route.metric !== 0) words.push("metric", `${route.metric}`);
  return [...words, "table", `${table}`, "proto", `${route.protocol}`];
}

/** Whether two policy rules are the same rule. */
export function isSamePolicyRule(left: PolicyRule, right: PolicyRule): boolean {
  return left.isPlain && right.isPlain && policyRuleWords(left).join(" ") === policyRuleWords(right).join(" ");
}

/** Whether a policy rule is the one that a redirection made for a next hop, whatever its priority. */
export function isOwnPolicyRule(rule: PolicyRule, hop: NextHop): boolean {
  const isOurMark = rule.mark?.value === hop.mark && rule.mark.mask === MARK_MASK;
  return isOurMark && rule.isPlain && rule.protocol === PROTOCOL && rule.table === hop.table;
}

/** Whether two policy rules have the same effect, whatever their protocol tag. */
export function isEquivalentPolicyRule(left: PolicyRule, right: PolicyRule): boolean {
  return isSamePolicyRule({ ...left, protocol: undefined }, { ...right, protocol: undefined });
}

/** Whether two routes of one table are the same route. */
export function isSameRoute(left: Route, right: Route): boolean {
  return left.isPlain && right.isPlain && routeWords(left, 0).join(" ") === routeWords(right, 0).join(" ");
}

function wordsOf(entry: Record<string, unknown>): string {
  return Object.entries(entry)
    .map(([key, value]) => (value === null ? key : `${key} ${String(value)}`))
    .join(" ");
}
