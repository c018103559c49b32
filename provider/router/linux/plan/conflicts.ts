import type { SafeguardError } from "../../../core/errors";
import { isSelecting } from "../backends/ip-rule";
import { MARK_MASK, type NextHop, PROTOCOL } from "../model/next-hops";
import {
  isEquivalentPolicyRule,
  isSamePolicyRule,
  isSameRoute,
  type PolicyRule,
  policyRuleOf,
  type Route,
  routesOf,
  routeWords,
} from "../model/routing";
import { usersOf, usersOfMark } from "../neighbours/others";
import { isBypassRoute, routesIn } from "../watchdog/bypassed";
import type { PlanContext } from "./decision";
import { refusal } from "./refusal";

/** Policy rules and routes to remove so that a next hop is as wanted. */
export interface Conflicts {
  policyRules: PolicyRule[];
  routes: Route[];
}

/**
 * Finds conflicting rules and routes of a next hop that may be removed; `ownSelecting` are the policy rules that select
 * traffic for the resource already.
 * @throws SafeguardError SG3202 when one belongs to another program, SG3203 when a redirection of another resource
 * needs it
 */
export function conflictsOf(hop: NextHop, context: PlanContext, ownSelecting: ReadonlySet<PolicyRule>): Conflicts {
  const users = usersOf(context.others, hop);
  const isOwned = context.owned.hops.some((other) => other.mark === hop.mark && other.table === hop.table);
  const mayRemove = isOwned || context.isAdopting;
  return {
    policyRules: conflictingPolicyRules(hop, context, users, mayRemove, ownSelecting),
    routes: conflictingRoutes(hop, context, users, mayRemove, isOwned),
  };
}

function conflictingPolicyRules(
  hop: NextHop,
  context: PlanContext,
  users: readonly string[],
  mayRemove: boolean,
  ownSelecting: ReadonlySet<PolicyRule>,
): PolicyRule[] {
  const wanted = policyRuleOf(hop);
  const isThere = hop.isMarked && context.found.policyRules.some((rule) => isSamePolicyRule(rule, wanted));
  return context.found.policyRules.filter((rule) => {
    if (isEquivalentPolicyRule(rule, wanted)) return !hop.isMarked && isUnusedMark(rule, context);
    // Rules of the resource are removed with its classification, whichever table they look up.
    if (ownSelecting.has(rule) || (isSelecting(rule) && rule.table === hop.table)) return false;
    if (context.isAdopting && context.recipes.some(({ policyRules }) => policyRules.includes(rule))) return false;
    const hasMark = rule.mark?.value === hop.mark && rule.mark.mask === MARK_MASK;
    if (!hasMark && rule.priority !== hop.priority && rule.table !== hop.table) return false;
    const isTagged = rule.isPlain && rule.protocol === PROTOCOL && rule.mark?.mask === MARK_MASK;
    if (hasMark && rule.isPlain) {
      if (isTagged && users.length > 0) throw shared(context, hop, users, `uses ${rule.text}`);
      if (isTagged || mayRemove) return true;
    } else if (isTagged && usersOfMark(context.others, rule.mark?.value ?? 0).length === 0) {
      return true;
    } else if (!hasMark && isThere) {
      // The rule comes after ours and does not affect it.
      return false;
    }
    throw taken(context, hop, `policy rule "${rule.text}"`);
  });
}

/**
 * A policy rule of ours for a mark that no rule sets. One that the resource owned is removed with its classification.
 */
function isUnusedMark(rule: PolicyRule, { owned, others }: PlanContext): boolean {
  const mark = rule.mark?.value ?? 0;
  const isOwned = owned.hops.some((hop) => hop.isMarked && hop.mark === mark);
  return rule.protocol === PROTOCOL && !isOwned && usersOfMark(others, mark).length === 0;
}

function conflictingRoutes(
  hop: NextHop,
  context: PlanContext,
  users: readonly string[],
  mayRemove: boolean,
  isOwned: boolean,
): Route[] {
  const wanted = routesOf(hop);
  const there = routesIn(hop, context.found);
  const isFallbackMissing = hop.isFailClosed && !there.some((route) => route.type === "unreachable");
  if (users.length > 0 && !isOwned && isFallbackMissing) throw shared(context, hop, users, "has failMode open");
  return there.filter((route) => {
    if (wanted.some((other) => isSameRoute(route, other))) return false;
    const text = routeWords(route, hop.table).join(" ");
    // A bypass route may be removed even if others use the next hop: their traffic must be redirected again too.
    if (users.length > 0 && route.protocol === PROTOCOL && !isBypassRoute(route)) {
      const difference = route.type === "unreachable" ? "has failMode closed" : `has another route ("${text}")`;
      throw shared(context, hop, users, difference);
    }
    if (route.isPlain && (route.protocol === PROTOCOL || mayRemove)) return true;
    throw taken(context, hop, `route "${text}"`);
  });
}

/** The error for a next hop that other redirections use with other settings. `remedy` replaces the default remedy. */
export function shared(
  context: PlanContext,
  hop: NextHop,
  users: readonly string[],
  difference: string,
  remedy?: string,
): SafeguardError {
  const number = hop.isMarked ? `packet mark ${hop.mark}` : `table ${hop.table}`;
  const cause = `${number} is shared with redirection ${users.join(", ")} of another resource, which ${difference}`;
  return refusal("SG3203", context, cause, remedy);
}

function taken(context: PlanContext, hop: NextHop, what: string): SafeguardError {
  const cause = `${what} conflicts with the next hop ${hop.gateway} (mark ${hop.mark}, table ${hop.table}, priority ${hop.priority}) and was made by another program`;
  return refusal("SG3202", context, cause);
}
