import type { Step } from "../../guard/scripts/shell-text";
import { backendOf, otherBackends } from "../backends/backends";
import { partitionSelectorRules } from "../backends/ip-rule";
import type { Chain } from "../model/desired";
import type { Found } from "../model/found";
import { isSourceCheckStrict } from "../model/found";
import { type NextHop, PROTOCOL } from "../model/next-hops";
import {
  isOwnPolicyRule,
  isSamePolicyRule,
  isSameRoute,
  type PolicyRule,
  policyRuleOf,
  type Route,
  routesOf,
} from "../model/routing";
import { usersOf, usersOfMark } from "../neighbours/others";
import { removeRecipe } from "../neighbours/recipe";
import { routesIn } from "../watchdog/bypassed";
import { planWatchdogs } from "../watchdog/plan";
import { conflictsOf } from "./conflicts";
import type { PlanContext } from "./decision";
import * as steps from "./steps";

/**
 * The changes from the found to the wanted state, in an order that never lets redirected traffic pass unaudited: next
 * hop, source check, policy rule, classification; then removals in reverse order. Empty when the router is in sync.
 * @throws SafeguardError SG3202 or SG3203 when a conflicting rule must stay
 */
export function planChanges(context: PlanContext): Step[] {
  const { desired, found, owned, isAdopting, matchingRecipes } = context;
  const ownSelecting = new Set(partitionSelectorRules(owned.chains, found.policyRules).own);
  const obstacles = desired.hops.map((hop) => ({ hop, ...conflictsOf(hop, context, ownSelecting) }));
  const build = obstacles.flatMap(({ hop, routes }) => buildHop(hop, found, routes));
  const classify = classification(context);
  const removedRules = new Set<PolicyRule>();
  const clean = obstacles.flatMap(({ hop, routes, policyRules }) => [
    ...policyRules.filter((rule) => !removedRules.has(rule) && removedRules.add(rule)).map(steps.removePolicyRule),
    ...remainingRoutes(hop, found, routes).map((route) => steps.removeRoute(route, hop.table)),
  ]);
  const recipes = isAdopting ? matchingRecipes : [];
  const replaced = recipes.flatMap((recipe) => removeRecipe(recipe, desired, found));
  const taken = removeUnusedHops(context, removedRules, ownSelecting);
  // Watchdogs start last and end first, so that none of them acts during a change.
  const watchdogs = planWatchdogs(context);
  const owners = planOwners(context);
  return [...watchdogs.end, ...build, ...classify, ...replaced, ...clean, ...taken, ...owners, ...watchdogs.start];
}

/** Records the owner of each wanted redirection, and deletes the records of those that are removed. */
function planOwners({ wanted: { owner }, desired, owned, found: { owners } }: PlanContext): Step[] {
  const nameOf = ({ redirection }: Chain) => redirection.name;
  const wanted = desired.chains.map(nameOf);
  const isRecorded = (name: string) =>
    owner === undefined || (owners.get(name)?.id === owner.id && owners.get(name)?.urn === owner.urn);
  const removed = owned.chains.map(nameOf).filter((name) => !wanted.includes(name) && owners.has(name));
  const missing = wanted.filter((name) => !isRecorded(name));
  return [...(owner ? steps.recordOwners(missing, owner, owners) : []), ...steps.forgetOwners(removed, owners)];
}

/** Creates the rules in the wanted backend first, then removes owned or adopted rules from all other backends. */
function classification({ desired, found, owned, isAdopting, backend: { name } }: PlanContext): Step[] {
  const build = name === undefined ? [] : backendOf(name).change(desired.chains, owned.chains, found);
  const taken = isAdopting ? [...owned.chains, ...desired.chains] : owned.chains;
  return [...build, ...otherBackends(name).flatMap((backend) => backend.change([], taken, found))];
}

function buildHop(hop: NextHop, found: Found, stale: readonly Route[]): Step[] {
  const there = routesIn(hop, found);
  // Add the unreachable route first: from then on no traffic passes directly.
  const missing = routesOf(hop)
    .filter((route) => !there.some((other) => isSameRoute(route, other)))
    .reverse();
  const wanted = policyRuleOf(hop);
  const isRuleMissing = hop.isMarked && !found.policyRules.some((rule) => isSamePolicyRule(rule, wanted));
  return [
    ...missing.map((route) => steps.putRoute(route, hop, overwritten(route, stale))),
    ...(isSourceCheckStrict(found.sourceChecks, hop.device)
      ? steps.loosenSourceCheck(hop.device, found.sourceChecks)
      : []),
    ...(isRuleMissing ? [steps.addPolicyRule(wanted, hop)] : []),
  ];
}

/** The route that `ip route replace` replaces: the first one to the same destination with the same metric. */
function overwritten(route: Route, stale: readonly Route[]): Route | undefined {
  return stale.find((other) => other.destination === route.destination && other.metric === route.metric);
}

function remainingRoutes(hop: NextHop, found: Found, stale: readonly Route[]): Route[] {
  const there = routesIn(hop, found);
  const gone = routesOf(hop)
    .filter((route) => !there.some((other) => isSameRoute(route, other)))
    .map((route) => overwritten(route, stale));
  return stale.filter((route) => !gone.includes(route));
}

/** Removes next hops that no redirection uses any more and restores source checks. */
function removeUnusedHops(
  { desired, found, owned, others }: PlanContext,
  removed: ReadonlySet<PolicyRule>,
  ownSelecting: ReadonlySet<PolicyRule>,
): Step[] {
  const isWanted = (hop: NextHop) => desired.hops.some((other) => other.mark === hop.mark && other.table === hop.table);
  const unused = owned.hops.filter((hop) => !isWanted(hop) && usersOf(others, hop).length === 0);
  const isMarkWanted = (hop: NextHop) =>
    desired.hops.some((other) => other.isMarked && other.mark === hop.mark && other.table === hop.table);
  const unmarked = owned.hops.filter((hop) => !isMarkWanted(hop) && usersOfMark(others, hop.mark).length === 0);
  const rules = unmarked.flatMap((hop) =>
    found.policyRules.filter(
      (rule) =>
        isOwnPolicyRule(rule, hop) &&
        !removed.has(rule) &&
        !desired.hops.some((other) => other.isMarked && isSamePolicyRule(rule, policyRuleOf(other))),
    ),
  );
  const tables = unused.filter(
    (hop) =>
      !desired.hops.some((other) => other.table === hop.table) &&
      !found.policyRules.some(
        (rule) => rule.table === hop.table && !isOwnPolicyRule(rule, hop) && !ownSelecting.has(rule),
      ),
  );
  const routes = tables.flatMap((hop) =>
    (found.routes.get(hop.table) ?? [])
      .filter((route) => route.protocol === PROTOCOL && route.isPlain)
      .map((route) => steps.removeRoute(route, hop.table)),
  );
  const devices = [...new Set(owned.hops.map((hop) => hop.device))].filter(
    (device) => !desired.hops.some((hop) => hop.device === device) && !others.some((other) => other.device === device),
  );
  return [
    ...[...new Set(rules)].map(steps.removePolicyRule),
    ...routes,
    ...devices.flatMap((device) => steps.restoreSourceCheck(device, found.sourceChecks)),
  ];
}
