import { backendInPreview, backendOf, type Choice, otherBackendsHolding } from "../backends/backends";
import type { Chain, Desired } from "../model/desired";
import { type Found, isSourceCheckStrict } from "../model/found";
import { MARK_MASK, type NextHop } from "../model/next-hops";
import {
  isEquivalentPolicyRule,
  isSamePolicyRule,
  isSameRoute,
  type PolicyRule,
  policyRuleLine,
  policyRuleOf,
  type Route,
  routesOf,
  routeWords,
} from "../model/routing";
import { recipeLines } from "../neighbours/recipe";
import { foundPersistenceLines, wantedPersistenceLines } from "../persistence/plan";
import { routesIn } from "../watchdog/bypassed";
import { foundWatchdogLines, wantedWatchdogLines } from "../watchdog/watch";
import type { Decision } from "./decision";

/** The wanted state, one canonical line for each rule, in the order of creation. Known in previews. */
export function desiredLines(desired: Desired): string[] {
  return [...desiredRules(desired), ...wantedPersistenceLines(desired)];
}

/** The wanted state without the files for restarts. */
export function desiredRules(desired: Desired): string[] {
  return [
    ...desired.hops.flatMap((hop) => [
      ...routesOf(hop).map((route) => routeLine(route, hop)),
      sourceCheckLine(hop),
      ...(hop.isMarked ? [policyRuleLine(policyRuleOf(hop))] : []),
    ]),
    ...desired.chains.flatMap((chain) => backendInPreview(desired.backend).wantedLines(chain)),
    ...wantedWatchdogLines(desired),
  ];
}

/**
 * The found state in the same form and order: equal lists mean that no change is needed. Foreign additions to our
 * chains and tables appear as lines of their own.
 */
export function foundLines(decision: Decision): string[] {
  return [...foundRules(decision), ...foundPersistenceLines(decision)];
}

/** The found state without the files for restarts. */
export function foundRules(decision: Decision): string[] {
  const { wanted, desired } = decision;
  const lines = linesOf(decision);
  if (desired === wanted) return lines;
  // Show rules in sync as the user wrote them, so that they equal the lines of the preview.
  const words = desiredRules(wanted);
  const inWords = new Map(desiredRules(desired).map((line, index) => [line, words[index] ?? line]));
  return lines.map((line) => inWords.get(line) ?? line);
}

/** Whether the router is in sync, except for the files for restarts. */
export function isInSync(decision: Decision): boolean {
  return desiredRules(decision.wanted).join("\n") === foundRules(decision).join("\n");
}

function linesOf({ desired, found, backend, matchingRecipes }: Decision): string[] {
  return [
    ...desired.hops.flatMap((hop) => [
      ...foundRoutes(hop, found).map((route) => routeLine(route, hop)),
      ...(found.links.has(hop.device) && !isSourceCheckStrict(found.sourceChecks, hop.device)
        ? [sourceCheckLine(hop)]
        : []),
      ...foundPolicyRules(hop, found).map(policyRuleLine),
    ]),
    ...desired.chains.flatMap((chain) => foundChainLines(chain, found, backend)),
    ...foundWatchdogLines(desired, found),
    ...matchingRecipes.flatMap(recipeLines),
  ];
}

/** Whether no backend holds any rule of a redirection. */
export function isAbsent(chain: Chain, found: Found): boolean {
  return otherBackendsHolding(chain, undefined, found).length === 0;
}

function foundRoutes(hop: NextHop, found: Found): Route[] {
  const there = routesIn(hop, found);
  const wanted = routesOf(hop);
  const matching = wanted.filter((route) => there.some((other) => isSameRoute(route, other)));
  return [...matching, ...there.filter((route) => !wanted.some((other) => isSameRoute(route, other)))];
}

function foundPolicyRules(hop: NextHop, found: Found): PolicyRule[] {
  if (!hop.isMarked) return [];
  const wanted = policyRuleOf(hop);
  const isOurs = (rule: PolicyRule) => rule.mark?.value === hop.mark && rule.mark.mask === MARK_MASK;
  const matching = found.policyRules.filter((rule) => isSamePolicyRule(rule, wanted)).slice(0, 1);
  return [...matching, ...found.policyRules.filter((rule) => isOurs(rule) && !isEquivalentPolicyRule(rule, wanted))];
}

function foundChainLines(chain: Chain, found: Found, chosen: Choice): string[] {
  const lines = chosen.name === undefined ? [] : backendOf(chosen.name).foundLines(chain, found);
  const others = otherBackendsHolding(chain, chosen.name, found).flatMap((backend) =>
    backend.foundLines(chain, found).map((line) => `${line} (in ${backend.name})`),
  );
  return [...lines, ...others];
}

function routeLine(route: Route, hop: NextHop): string {
  const words = routeWords(route, hop.table).join(" ");
  return `route: ${words}${route.isPlain ? "" : " (and more)"}`;
}

function sourceCheckLine(hop: NextHop): string {
  return `rp_filter: ${hop.device} not strict`;
}
