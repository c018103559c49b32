import { areNetworksOverlapping } from "../../networks";
import { portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Chain } from "../model/desired";
import { printRule, splitWords } from "../model/rule";
import { ENDING_TARGETS, ENTRY_CHAIN, type FoundRule, type Jump, type SavedTable, textOf } from "../model/saved-table";

/** The conditions of a foreign rule, as far as they are understood. Absent parts match everything. */
interface Matches {
  arrivesOn?: string;
  isOtherInterface: boolean;
  source?: string;
  destination?: string;
  sourcePorts?: string;
  destinationPorts?: string;
  /** False when the rule can match no packet of a redirection, whatever its other conditions. */
  canMatch: boolean;
  /** False when the rule has further conditions. */
  isUnderstood: boolean;
  /** True when the rule has no condition. */
  isForAll: boolean;
  target: string;
  /** True when packets do not return from the target chain. */
  isGoto: boolean;
}

/** Packets that must reach the chain of a redirection. Absent parts match everything. */
interface Flow {
  arrivesOn?: readonly string[];
  sources?: readonly string[];
  destinations?: readonly string[];
  sourcePorts?: Redirection["ports"];
  destinationPorts?: Redirection["ports"];
}

/** The options that are understood, each with one argument. */
const ONE_WORD = new Set(["-m", "--comment", "-i", "-p", "-s", "-d", "--dport", "--dports", "--sport", "--sports"]);

const parsed = new WeakMap<FoundRule, Matches>();

/**
 * The first of these rules that keeps packets of a redirection from the rules after it. A rule that drops packets
 * counts only when all its conditions are understood. A rule that accepts packets counts in any case.
 */
export function blockerIn(
  rules: readonly FoundRule[],
  redirection: Redirection,
  table: Pick<SavedTable, "chains">,
): FoundRule | undefined {
  const flows = flowsOf(redirection);
  return rules.find((rule) => flows.some((flow) => isBlocking(rule, flow, table)));
}

/** Whether a rule may match packets of a redirection. */
export function mayMatch(rule: FoundRule, redirection: Redirection): boolean {
  return flowsOf(redirection).some((flow) => isOverlapping(matchesOf(rule), flow));
}

function isBlocking(rule: FoundRule, flow: Flow, table: Pick<SavedTable, "chains">): boolean {
  const matches = matchesOf(rule);
  if (!isOverlapping(matches, flow)) return false;
  const { target, isUnderstood, isGoto } = matches;
  if (!ENDING_TARGETS.includes(target)) {
    return isUnderstood && (isGoto || isEndedIn(target, flow, table, new Set()));
  }
  return isUnderstood || !["DROP", "REJECT"].includes(target);
}

/** Whether packets of a flow never return from a chain. */
function isEndedIn(chain: string, flow: Flow, table: Pick<SavedTable, "chains">, passed: Set<string>): boolean {
  if (passed.has(chain)) return false;
  passed.add(chain);
  for (const rule of table.chains.get(chain) ?? []) {
    const matches = matchesOf(rule);
    if (!matches.isUnderstood || !isOverlapping(matches, flow)) continue;
    const { target, isForAll, isGoto } = matches;
    if (target === "RETURN") {
      if (isForAll) return false;
    } else if (ENDING_TARGETS.includes(target) || isEndedIn(target, flow, table, passed)) return true;
    else if (isGoto && isForAll) return false;
  }
  return false;
}

/** The flows of a redirection. With the client's address, SPS connections and the answers of servers count too. */
function flowsOf(redirection: Redirection): Flow[] {
  const { clientInterfaces, clientCidrs, serverCidrs, ports, spsInterface, addressMode } = redirection;
  const toServers: Flow = {
    arrivesOn: addressMode === "client" ? [...clientInterfaces, spsInterface] : clientInterfaces,
    ...(clientCidrs && { sources: clientCidrs }),
    destinations: serverCidrs,
    destinationPorts: ports,
  };
  if (addressMode === "own") return [toServers];
  const answers: Flow = {
    ...(redirection.serverInterfaces && { arrivesOn: redirection.serverInterfaces }),
    sources: serverCidrs,
    ...(clientCidrs && { destinations: clientCidrs }),
    sourcePorts: ports,
  };
  return [toServers, answers];
}

function isOverlapping(matches: Matches, flow: Flow): boolean {
  if (!matches.canMatch) return false;
  const { arrivesOn, isOtherInterface } = matches;
  const isThere = (name: string) => (arrivesOn === undefined || isNamed(name, arrivesOn)) !== isOtherInterface;
  return (
    (flow.arrivesOn === undefined || flow.arrivesOn.some(isThere)) &&
    areSomeIn(matches.source, flow.sources) &&
    areSomeIn(matches.destination, flow.destinations) &&
    areSomePorts(matches.sourcePorts, flow.sourcePorts) &&
    areSomePorts(matches.destinationPorts, flow.destinationPorts)
  );
}

function isNamed(name: string, pattern: string): boolean {
  return pattern.endsWith("+") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function areSomeIn(network: string | undefined, networks: readonly string[] | undefined): boolean {
  return network === undefined || !networks || networks.some((other) => areNetworksOverlapping(other, network));
}

function areSomePorts(text: string | undefined, ports: Redirection["ports"] | undefined): boolean {
  if (text === undefined || !ports) return true;
  const asked = text.split(",").map((part) => part.split(":").map(Number));
  return portRanges(ports).some((range) =>
    asked.some(([first = 0, last = first]) => first <= range.last && range.first <= last),
  );
}

function matchesOf(rule: FoundRule): Matches {
  const matches = parsed.get(rule) ?? parse(rule.text);
  parsed.set(rule, matches);
  return matches;
}

/** Parses a rule as iptables-save prints it. Negated conditions, except on interfaces, count as matching everything. */
function parse(text: string): Matches {
  const words = splitWords(text) ?? [];
  const matches: Matches = {
    isOtherInterface: false,
    canMatch: true,
    isUnderstood: true,
    isForAll: true,
    target: "",
    isGoto: false,
  };
  let isNegated = false;
  const end = Math.max(words.lastIndexOf("-j"), words.lastIndexOf("-g"));
  for (let index = 0; index < end; index += 1) {
    const word = words[index] ?? "";
    const value = words[index + 1] ?? "";
    if (word === "!") {
      isNegated = true;
      continue;
    }
    // An unknown option may have any number of arguments.
    if (!word.startsWith("-")) continue;
    if (ONE_WORD.has(word)) index += 1;
    if (word === "-m" || word === "--comment") continue;
    matches.isForAll = false;
    if (word === "-i") Object.assign(matches, { arrivesOn: value, isOtherInterface: isNegated });
    else if (word === "-p") matches.canMatch &&= (value === "tcp") !== isNegated;
    else if (word === "-s" && !isNegated) matches.source = value;
    else if (word === "-d" && !isNegated) matches.destination = value;
    else if (/^--dports?$/.test(word) && !isNegated) matches.destinationPorts = value;
    else if (/^--sports?$/.test(word) && !isNegated) matches.sourcePorts = value;
    else if (/^--(ct)?state$/.test(word) && value === "INVALID") matches.canMatch &&= isNegated;
    else if (word === "--dst-type" && value === "LOCAL") matches.canMatch &&= isNegated;
    else if (!ONE_WORD.has(word)) matches.isUnderstood = false;
    isNegated = false;
  }
  return { ...matches, target: words[end + 1] ?? "", isGoto: words[end] === "-g" };
}

/** All rules that jump into a chain, in order. */
export function jumpsInto(table: SavedTable, target: string): readonly Jump[] {
  return table.jumps.get(target) ?? [];
}

/** The rule before a jump that keeps packets of its redirection from reaching it, if any. */
export function blockerOf(jump: Jump, chain: Chain, table: SavedTable): FoundRule | undefined {
  return blockerIn(jump.before, chain.redirection, table);
}

/** Whether packets reach the chain: exactly one jump, as wanted, with no blocking rule before it. */
export function isJumpRight(table: SavedTable, chain: Chain): boolean {
  const [first, ...more] = jumpsInto(table, chain.name);
  if (!first || more.length > 0) return false;
  const isWanted = first.chain === ENTRY_CHAIN && textOf(first.found) === printRule(chain.jump);
  return isWanted && !blockerOf(first, chain, table);
}
