import type { Step } from "../../guard/scripts/shell-text";
import { commandText } from "../../guard/scripts/shell-text";
import { joinRanges, portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Chain } from "../model/desired";
import type { Found } from "../model/found";
import { type NextHop, PROTOCOL } from "../model/next-hops";
import {
  type PolicyRule,
  policyRuleChange,
  policyRuleLine,
  policyRuleWords,
  type TrafficSelector,
} from "../model/routing";
import { type ClassificationBackend, countLimits, type Limit } from "./backend";

/** The one TCP port that Linux refuses in a policy rule, alone and as the end of a range (seen on Linux 6.18). */
const NO_PORT = 65535;

/**
 * Policy rules that select the traffic themselves, without a firewall. They match single packets, not connections. They
 * have no name, so a rule belongs to the redirection that selects the same traffic.
 */
export const ipRule: ClassificationBackend = {
  name: "ip-rule",
  limits,
  wantedLines: (chain) => selectingRules(chain).map(policyRuleLine),
  foundLines(chain, found) {
    const there = keysOf(found);
    if (there.size === 0) return [];
    return selectingRules(chain)
      .filter((rule) => there.has(keyOf(rule)))
      .map(policyRuleLine);
  },
  holds(chain, found) {
    const there = keysOf(found);
    return there.size > 0 && selectingRules(chain).some((rule) => there.has(keyOf(rule)));
  },
  change(wanted, owned, found) {
    const there = keysOf(found);
    const rules = wanted.flatMap(selectingRules);
    const isWanted = new Set(rules.map(keyOf));
    const missing = withoutDuplicates(rules).filter((rule) => !there.has(keyOf(rule)));
    const unwanted = withoutDuplicates(there.size === 0 ? [] : owned.flatMap(selectingRules)).filter(
      (rule) => there.has(keyOf(rule)) && !isWanted.has(keyOf(rule)),
    );
    return [...changes("add", "del", missing), ...changes("del", "add", unwanted)];
  },
  restoreText: (chain) =>
    commandText({
      words: ["sps_policy_rules"],
      input: withoutDuplicates(selectingRules(chain)).map((rule) => policyRuleChange("add", rule)),
    }),
};

/** The policy rules of one redirection: one for each combination of interface, networks and port range. */
export function selectingRules({ redirection, hop }: Pick<Chain, "redirection" | "hop">): PolicyRule[] {
  const { serverInterfaces = [] } = redirection;
  const clients: readonly (string | undefined)[] = redirection.clientCidrs ?? [undefined];
  const toServers = combinations(redirection.clientInterfaces, clients, redirection).map(
    ({ arrivesOn, client, server, ports }) => ({
      arrivesOn,
      ...(client !== undefined && { source: client }),
      destination: server,
      isTcp: true,
      destinationPorts: ports,
    }),
  );
  if (redirection.addressMode === "own") return toServers.map((selector) => ruleFor(hop, selector));
  // Without marks, only source and destination identify the answers of servers to SPS.
  const answers = combinations(serverInterfaces, clients, redirection).map(({ arrivesOn, client, server, ports }) => ({
    arrivesOn,
    source: server,
    ...(client !== undefined && { destination: client }),
    isTcp: true,
    sourcePorts: ports,
  }));
  return [...toServers, ...answers].map((selector) => ruleFor(hop, selector));
}

/** Whether a policy rule on the router belongs to this backend, for any redirection. */
export function isSelecting(rule: PolicyRule): boolean {
  return rule.isPlain && rule.protocol === PROTOCOL && rule.selector !== undefined && rule.mark === undefined;
}

/** Splits the policy rules of this backend into those of these redirections and all others. */
export function partitionSelectorRules(
  chains: readonly Pick<Chain, "redirection" | "hop">[],
  rules: readonly PolicyRule[],
): { own: PolicyRule[]; foreign: PolicyRule[] } {
  const selecting = rules.filter(isSelecting);
  const keys = new Set(selecting.length > 0 ? chains.flatMap(selectingRules).map(keyOf) : []);
  return {
    own: selecting.filter((rule) => keys.has(keyOf(rule))),
    foreign: selecting.filter((rule) => !keys.has(keyOf(rule))),
  };
}

function limits(redirection: Redirection): Limit[] {
  const { existingConnections, addressMode, serverInterfaces, ports } = redirection;
  const found = countLimits(countOf(redirection));
  if (portRanges(ports).some(({ last }) => last === NO_PORT)) {
    const reason = `Linux refuses policy rules for port ${NO_PORT}; leave it out, or choose another backend than ip-rule`;
    found.push({ property: "ports", reason });
  }
  if (existingConnections === "leave") {
    const reason =
      "backend ip-rule tracks no connections and redirects every packet, also of existing connections; set existingConnections to cut, or choose another backend";
    found.push({ property: "existingConnections", reason });
  }
  if (addressMode === "client" && serverInterfaces === undefined) {
    const reason =
      "it is missing; with addressMode client, backend ip-rule needs the interfaces that the servers' answers arrive on, because it cannot mark connections of SPS; name them, or choose another backend";
    found.push({ property: "serverInterfaces", reason });
  }
  return found;
}

/** How many policy rules select the traffic of a redirection. */
function countOf({
  clientInterfaces,
  clientCidrs,
  serverCidrs,
  serverInterfaces,
  addressMode,
  ports,
}: Redirection): number {
  const interfaces = clientInterfaces.length + (addressMode === "client" ? (serverInterfaces?.length ?? 0) : 0);
  return interfaces * (clientCidrs?.length ?? 1) * serverCidrs.length * joinRanges(portRanges(ports), 1).length;
}

function combinations(
  interfaces: readonly string[],
  clients: readonly (string | undefined)[],
  redirection: Redirection,
) {
  return interfaces.flatMap((arrivesOn) =>
    clients.flatMap((client) =>
      redirection.serverCidrs.flatMap((server) =>
        joinRanges(portRanges(redirection.ports), 1).map((ports) => ({ arrivesOn, client, server, ports })),
      ),
    ),
  );
}

function ruleFor(hop: NextHop, selector: TrafficSelector): PolicyRule {
  const { priority, table } = hop;
  const rule: PolicyRule = { priority, selector, table, protocol: PROTOCOL, isPlain: true, text: "" };
  return { ...rule, text: policyRuleWords(rule).join(" ") };
}

/**
 * Removes duplicates: two redirections may select the same packets for the same SPS, but the kernel accepts a rule only
 * withoutDuplicates.
 */
function withoutDuplicates(rules: readonly PolicyRule[]): PolicyRule[] {
  return [...new Map(rules.map((rule) => [keyOf(rule), rule])).values()];
}

function keyOf(rule: PolicyRule): string {
  return policyRuleWords(rule).join(" ");
}

function keysOf(found: Found): Set<string> {
  return new Set(found.policyRules.filter(isSelecting).map(keyOf));
}

/** One step for all rules; the rollback continues when a rule was not made. */
function changes(verb: "add" | "del", back: "add" | "del", rules: readonly PolicyRule[]): Step[] {
  if (rules.length === 0) return [];
  const lines = (word: typeof verb) => rules.map((rule) => policyRuleChange(word, rule));
  return [
    {
      title: `${verb === "add" ? "add" : "remove"} ${rules.length} policy rules (table ${rules[0]?.table})`,
      run: commandText({ words: ["ip", "-4", "-batch", "-"], input: lines(verb) }),
      undo: commandText({ words: ["ip", "-4", "-force", "-batch", "-"], input: lines(back) }),
    },
  ];
}
