import { areRangesOverlapping } from "../../../core/ranges";
import { addressRange } from "../../networks";
import type { Chain } from "../model/desired";
import type { Found } from "../model/found";
import { PROTOCOL } from "../model/next-hops";
import type { PolicyRule } from "../model/routing";
import type { Decision } from "../plan/decision";
import { type Flow, flowsOf, type Topology } from "./flows";
import { type ForeignMarks, type Level, matchRule, negated } from "./match";
import type { Test } from "./rules/ruleset";

/**
 * Warnings about foreign policy rules before those of redirections that may match their packets and find a route. `marksOf`
 * tells which marks other programs may set on packets.
 */
export function policyRuleWarnings(
  { desired, found, matchingRecipes }: Decision,
  topology: Topology,
  marksOf: (chain: Chain) => ForeignMarks,
): string[] {
  const going = new Set(matchingRecipes.flatMap(({ policyRules }) => policyRules));
  const texts = desired.chains.flatMap((chain) => {
    const { redirection, hop } = chain;
    const flows = flowsOf(redirection, hop, topology).filter(
      ({ leg }) => leg === "client→SPS" || (leg === "server→SPS" && redirection.addressMode === "client"),
    );
    const isDiverting = (rule: PolicyRule) =>
      flows.some(
        (flow) => levelOf(rule, flow, marksOf(chain)) !== "never" && isRouting(rule, flow, hop.gateway, found),
      );
    return found.policyRules
      .filter((rule) => rule.priority > 0 && rule.priority < hop.priority && rule.protocol !== PROTOCOL)
      .filter((rule) => !going.has(rule) && isDiverting(rule))
      .map(
        ({ text }) =>
          `policy rule "${text}" precedes the rule of the redirection and may route traffic for ${hop.gateway} elsewhere`,
      );
  });
  return [...new Set(texts)];
}

/** Whether a policy rule matches packets of a flow. */
function levelOf(rule: PolicyRule, flow: Flow, marks: ForeignMarks): Level {
  const { selector = {}, mark, extra = {} } = rule;
  const { arrivesOn, source, destination, sourcePorts, destinationPorts } = selector;
  const isNegated = false;
  const tests: Test[] = [];
  if (arrivesOn !== undefined) tests.push({ on: "arrivesOn", names: [arrivesOn], isNegated });
  if (source !== undefined) tests.push({ on: "source", ranges: [addressRange(source)], isNegated });
  if (destination !== undefined) tests.push({ on: "destination", ranges: [addressRange(destination)], isNegated });
  if (sourcePorts) tests.push({ on: "sourcePort", ranges: [sourcePorts], isNegated });
  if (destinationPorts) tests.push({ on: "destinationPort", ranges: [destinationPorts], isNegated });
  if (mark) tests.push({ on: "packetMark", mark, isNegated });
  for (const [key, value] of Object.entries(extra)) tests.push(...extraTests(key, value));
  return negated(matchRule({ text: "", tests, action: { kind: "none" } }, flow, marks), "not" in extra);
}

/** The conditions that policy rules of redirections never have. */
function extraTests(key: string, value: unknown): Test[] {
  // Forwarded packets come from no socket, and a rule for a missing interface matches nothing.
  if (["oif", "oif_detached", "iif_detached", "l3mdev"].includes(key)) return [{ on: "never" }];
  if (key === "ipproto") return [{ on: "never" }];
  if (key === "uidrange" || key === "uid_start") return Number.parseInt(String(value), 10) > 0 ? [{ on: "never" }] : [];
  return ["tos", "dsfield", "tun_id", "dscp", "flowlabel"].includes(key) ? [{ on: "unknown", isLimiting: false }] : [];
}

/** Whether a matching policy rule decides about packets: it refuses them, or its table has a route for them. */
function isRouting({ table, extra = {} }: PolicyRule, flow: Flow, gateway: string, found: Found): boolean {
  if (table === undefined || !flow.destinations) return true;
  const routes = found.lookups.get(table);
  if (!routes) return true;
  const suppressed = Number(extra.suppress_prefixlength ?? extra.suppress_prefixlen ?? -1);
  return routes.some((route) => {
    if (route.type === "throw" || route.gateway === gateway || route.length <= suppressed) return false;
    return flow.destinations?.some((range) => areRangesOverlapping(route.range, range));
  });
}
