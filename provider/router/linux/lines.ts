import type { Chain, Desired } from "./desired";
import { type Found, isSourceCheckStrict } from "./found";
import { jumpsInto } from "./jumps";
import { MARK_MASK, type NextHop } from "./next-hops";
import {
  isEquivalentPolicyRule,
  isSamePolicyRule,
  isSameRoute,
  type PolicyRule,
  policyRuleOf,
  policyRuleWords,
  type Route,
  routesOf,
  routeWords,
} from "./routing";
import { printRule } from "./rule";
import { ENTRY_CHAIN, textOf } from "./saved-table";

/** The wanted state, one canonical line a rule, in the order it is brought about. Known in previews. */
export function desiredLines(desired: Desired): string[] {
  return [
    ...desired.hops.flatMap((hop) => [
      ...routesOf(hop).map((route) => routeLine(route, hop)),
      sourceCheckLine(hop),
      policyRuleLine(policyRuleOf(hop)),
    ]),
    ...desired.chains.flatMap((chain) => [
      ...chain.rules.map((rule) => mangleLine(chain.name, printRule(rule))),
      mangleLine(ENTRY_CHAIN, printRule(chain.jump)),
    ]),
  ];
}

/**
 * What is on the router where the wanted state belongs, in the same form and order: equal lists mean that nothing is
 * to be done. Additions of others to what is ours show as lines of their own.
 */
export function foundLines(desired: Desired, found: Found): string[] {
  return [
    ...desired.hops.flatMap((hop) => [
      ...foundRoutes(hop, found).map((route) => routeLine(route, hop)),
      ...(found.links.has(hop.device) && !isSourceCheckStrict(found.sourceChecks, hop.device)
        ? [sourceCheckLine(hop)]
        : []),
      ...foundPolicyRules(hop, found).map(policyRuleLine),
    ]),
    ...desired.chains.flatMap((chain) => foundChainLines(chain, found)),
  ];
}

/** Tells whether the router holds nothing of a redirection: no chain and nothing that leads into one. */
export function isChainAbsent(chain: Chain, found: Found): boolean {
  return !found.mangle.chains.has(chain.name) && jumpsInto(found.mangle, chain.name).length === 0;
}

function foundRoutes(hop: NextHop, found: Found): Route[] {
  const there = found.routes.get(hop.table) ?? [];
  const wanted = routesOf(hop);
  const matching = wanted.filter((route) => there.some((other) => isSameRoute(route, other)));
  return [...matching, ...there.filter((route) => !wanted.some((other) => isSameRoute(route, other)))];
}

function foundPolicyRules(hop: NextHop, found: Found): PolicyRule[] {
  const wanted = policyRuleOf(hop);
  const isOurs = (rule: PolicyRule) => rule.mark?.value === hop.mark && rule.mark.mask === MARK_MASK;
  const matching = found.policyRules.filter((rule) => isSamePolicyRule(rule, wanted)).slice(0, 1);
  return [...matching, ...found.policyRules.filter((rule) => isOurs(rule) && !isEquivalentPolicyRule(rule, wanted))];
}

function foundChainLines(chain: Chain, found: Found): string[] {
  return [
    ...(found.mangle.chains.get(chain.name) ?? []).map((rule) => mangleLine(chain.name, textOf(rule))),
    ...jumpsInto(found.mangle, chain.name).map((jump) => {
      const line = mangleLine(jump.chain, textOf(jump.found));
      return jump.behind ? `${line} (never reached: behind ${jump.behind.text})` : line;
    }),
  ];
}

function routeLine(route: Route, hop: NextHop): string {
  const words = routeWords(route, hop.table).join(" ");
  return `route: ${words}${route.isPlain ? "" : " (and more)"}`;
}

function sourceCheckLine(hop: NextHop): string {
  return `rp_filter: ${hop.device} not strict`;
}

function policyRuleLine(rule: PolicyRule): string {
  if (!rule.isPlain) return `rule: ${rule.text}`;
  const words = policyRuleWords(rule);
  return `rule: ${words.join(" ")}`;
}

function mangleLine(chain: string, text: string): string {
  return `mangle: -A ${chain} ${text}`;
}
