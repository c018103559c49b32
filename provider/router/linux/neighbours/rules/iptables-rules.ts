import type { PortRange } from "../../../ports";
import { parseMark, splitWords } from "../../model/rule";
import { CHAIN_PREFIX } from "../../model/saved-table";
import { targetAction } from "./iptables-targets";
import { type BaseChain, type Hook, type Rule, rangeOf, type Test } from "./ruleset";

/** The hooks and priorities of the built-in chains, by table. */
const BUILT_IN: Record<string, Partial<Record<string, [Hook, number]>>> = {
  raw: { PREROUTING: ["prerouting", -300] },
  mangle: { PREROUTING: ["prerouting", -150], FORWARD: ["forward", -150], POSTROUTING: ["postrouting", -150] },
  nat: { PREROUTING: ["prerouting", -100], POSTROUTING: ["postrouting", 100] },
  filter: { FORWARD: ["forward", 0] },
  security: { FORWARD: ["forward", 50] },
};

/** Matches that hold for unusual packets only; membership in a set counts as unusual. */
const LIMITING = [
  "limit",
  "hashlimit",
  "recent",
  "connlimit",
  "connbytes",
  "quota",
  "set",
  "geoip",
  "string",
  "tcpmss",
];

/** Matches whose conditions are read from their options below; others are not understood. */
const UNDERSTOOD = [
  ...["tcp", "multiport", "comment", "conntrack", "state", "mark", "connmark", "addrtype", "rpfilter", "iprange"],
  ...["pkttype", "policy", "physdev"],
];

/** Matches that hold for packets of the router's own sockets or for helpers only. */
const NEVER_FORWARDED = ["owner", "socket", "cgroup", "helper", "udp", "icmp", "sctp", "dccp", "esp", "ah"];

/** The chains that the kernel calls, in one table as `iptables-save` prints it. */
export function iptablesChains(table: string, saved: string, tool: string, family = "ip"): BaseChain[] {
  const texts = new Map<string, string[]>();
  const policies = new Map<string, string>();
  for (const line of saved.split("\n")) {
    const [, declared, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    const [, chain, text] = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line) ?? [];
    const name = declared ?? chain;
    const list = name === undefined ? [] : (texts.get(name) ?? []);
    if (name !== undefined) texts.set(name, list);
    if (declared !== undefined && policy !== undefined) policies.set(declared, policy);
    if (chain !== undefined) list.push(text ?? "");
  }
  const prefix = table === "mangle" ? "" : `${table}: `;
  const isChain = (name: string) => texts.has(name);
  const chains = new Map(
    [...texts]
      .filter(([chain]) => !chain.startsWith(CHAIN_PREFIX))
      .map(([chain, rules]) => [chain, rules.map((text) => ruleOf(text, `${prefix}-A ${chain} ${text}`, isChain))]),
  );
  return [...chains].flatMap(([chain, rules]): BaseChain[] => {
    const [hook, priority] = BUILT_IN[table]?.[chain] ?? [];
    if (hook === undefined || priority === undefined) return [];
    const policy = policies.get(chain) === "DROP" ? "drop" : "accept";
    return [{ hook, priority, policy, table: `${tool} ${table}`, chain, rules, chains, family }];
  });
}

/** A rule without `-A` and chain, as `iptables-save` prints it. */
export function ruleOf(text: string, shown: string, isChain: (name: string) => boolean): Rule {
  const words = splitWords(text);
  if (!words) return { text: shown, tests: [{ on: "unknown", isLimiting: false }], action: { kind: "none" } };
  const found = words.findIndex((word, index) => (word === "-j" || word === "-g") && words[index - 1] !== "--comment");
  const end = found < 0 ? words.length : found;
  const action = targetAction(words.slice(end), isChain);
  return { text: shown, tests: testsOf(words.slice(0, end)), action };
}

function testsOf(words: readonly string[]): Test[] {
  const tests: Test[] = [];
  let isNegated = false;
  let module = "";
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "!") {
      isNegated = true;
      continue;
    }
    // Arguments of options that are not understood.
    if (!word.startsWith("-")) continue;
    const [value = "", second = ""] = words.slice(index + 1);
    if (word === "--comment") index += 1;
    else if (word === "-m") {
      index += 1;
      module = value;
      tests.push(...moduleTests(value, words.slice(index + 1)));
    } else if (word === "--mark") tests.push(markTest(module, value, isNegated));
    else tests.push(...optionTests(word, value, second, isNegated));
    if (word !== "-m") isNegated = false;
  }
  return tests;
}

const NEVER: Test = { on: "never" };
const unknown = (isLimiting = false): Test => ({ on: "unknown", isLimiting });

function moduleTests(name: string, rest: readonly string[]): Test[] {
  if (NEVER_FORWARDED.includes(name)) return [NEVER];
  // A match without its negation holds for unusual packets.
  if (LIMITING.includes(name)) return [unknown(rest[0] !== "!")];
  if (name === "rpfilter") {
    const end = rest.findIndex((word) => word === "-m" || word === "-j");
    const options = rest.slice(0, end < 0 ? rest.length : end);
    const isNegated = options.includes("--invert");
    return [{ on: "reversePath", isLoose: options.includes("--loose"), isNegated }];
  }
  return UNDERSTOOD.includes(name) ? [] : [unknown()];
}

/** The conditions of one option; none when it holds for all packets or belongs to a match that is not understood. */
function optionTests(option: string, value: string, second: string, isNegated: boolean): Test[] {
  const never = (isNever: boolean): Test[] => (isNever ? [NEVER] : []);
  const ports = () => value.split(",").map((part) => part.split(":").map(Number));
  switch (option) {
    case "-i":
      return [{ on: "arrivesOn", names: [value], isNegated }];
    case "-o":
      return [{ on: "leavesOn", names: [value], isNegated }];
    case "-s":
    case "--src-range":
      return addressTest("source", value, isNegated);
    case "-d":
    case "--dst-range":
      return addressTest("destination", value, isNegated);
    case "-p":
      return never(["tcp", "6", "all", "0"].includes(value) === isNegated);
    case "-f":
      return never(!isNegated);
    case "--dport":
    case "--dports":
    case "--sport":
    case "--sports": {
      const ranges = ports().map(([first = 0, last = first]): PortRange => ({ first, last }));
      return [{ on: option.startsWith("--d") ? "destinationPort" : "sourcePort", ranges, isNegated }];
    }
    case "--tcp-flags":
      return [{ on: "flags", mask: flags(value), set: flags(second), isNegated }];
    case "--ctstate":
    case "--state":
      return [{ on: "state", states: value.toLowerCase().split(","), isNegated }];
    case "--ctdir":
      return [{ on: "direction", direction: value.toLowerCase(), isNegated }];
    case "--ctproto":
      return never(["tcp", "6"].includes(value) === isNegated);
    case "--ctstatus":
      return [/^(DNAT|SNAT|EXPECTED)$/.test(value) && !isNegated ? NEVER : unknown()];
    case "--pol":
      return never((value === "ipsec") !== isNegated);
    case "--pkt-type":
      return never((value === "unicast") === isNegated);
    case "--physdev-is-bridged":
      return never(!isNegated);
    case "--src-type":
      return never((value === "UNICAST") === isNegated);
    case "--dst-type":
      if (value.split(",").includes("LOCAL")) return [{ on: "local", isNegated }];
      return never((value === "UNICAST") === isNegated);
    default:
      return /^--(ports|tcp-option|ctorig|ctrepl|ctexpire|physdev)/.test(option) ? [unknown()] : [];
  }
}

function markTest(module: string, value: string, isNegated: boolean): Test {
  const mark = parseMark(value);
  return mark ? { on: module === "connmark" ? "connectionMark" : "packetMark", mark, isNegated } : unknown();
}

function addressTest(on: "source" | "destination", value: string, isNegated: boolean): Test[] {
  const range = rangeOf(value);
  return range ? [{ on, ranges: [range], isNegated }] : [unknown()];
}

const ALL_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"];

function flags(text: string): string[] {
  if (text === "ALL") return ALL_FLAGS;
  return text === "NONE" ? [] : text.split(",");
}
