import { refusal } from "../../planning/refusal";
import type { CommandStep } from "../../terminal/steps";
import type { Route, Selector } from "../model/desired";
import type { FoundRule, FoundTable } from "../model/found";
import { ownerHashOf, parseTableName, type TableRole, tableName } from "../model/names";
import { middleOf } from "../model/options";
import type { PlanContext } from "./decision";
import { gatewayOf, isBegunFor, isCovered, isFor, isRejecting, ownPartOf, tableOf } from "./match";
import { createRule, createTable, removeRule, removeTable } from "./steps";

/**
 * The changes to the wanted state, in an order in which no packet of a redirection that stays goes direct or is rejected: new
 * tables and rules are complete before the old ones go, and rules that reject go before those that route.
 * @throws SafeguardError SG3202 when no priority is free
 */
export function planChanges(context: PlanContext): CommandStep[] {
  const { found, routes, owned } = context;
  const tables: CommandStep[] = [];
  const rules: CommandStep[] = [];
  const kept = { tables: new Set<string>(), rules: new Set<FoundRule>() };
  const numbers = new FreeNumbers(context);
  for (const role of ["hop", "stop"] as const) {
    for (const route of routes) {
      if (role === "stop" && route.redirection.failMode !== "closed") continue;
      const table = tableFor(route, role, context);
      kept.tables.add(table.name);
      if (table.step) tables.push(table.step);
      for (const selector of route.selectors) {
        const rule = table.step ? undefined : ruleFor(selector, table.name, context, kept.rules, numbers);
        if (rule) kept.rules.add(rule);
        else rules.push(createRule(numbers.next(role), selector, table.name));
      }
    }
  }
  const isOwned = (name: string) => owned.has(parseTableName(name)?.redirection ?? "");
  const gone = found.rules.filter((rule) => !kept.rules.has(rule) && isOwned(tableOf(rule) ?? ""));
  const adopted = handMadeRules(context);
  const removed = [
    ...gone.filter((rule) => ownPartOf(rule)?.role === "stop"),
    ...gone.filter((rule) => ownPartOf(rule)?.role === "hop"),
    ...begunRules(context),
    ...adopted,
  ];
  return [
    ...tables,
    ...rules,
    ...removed.map(removeRule),
    ...[...found.tables.values()].filter(({ name }) => isOwned(name) && !kept.tables.has(name)).map(removeTable),
    ...emptiedTables(adopted, context).map(removeTable),
  ];
}

/** The rules that others have made for traffic of the redirections, to the same SPS, and that adoption replaces. */
export function handMadeRules({ found, routes, isAdopting }: PlanContext): FoundRule[] {
  if (!isAdopting) return [];
  return found.rules.filter((rule) =>
    routes.some(({ redirection, selectors }) => isHandMadeFor(rule, redirection.spsAddress, selectors, found)),
  );
}

/** Whether a rule of others sends traffic that is all of a redirection to its SPS. */
export function isHandMadeFor(
  rule: FoundRule,
  spsAddress: string,
  selectors: readonly Selector[],
  found: PlanContext["found"],
): boolean {
  return (
    ownPartOf(rule) === undefined &&
    gatewayOf(tableOf(rule), found) === spsAddress &&
    selectors.some((selector) => isCovered(rule, selector))
  );
}

/** The tables of adopted rules that no other rule uses. */
function emptiedTables(adopted: readonly FoundRule[], { found }: PlanContext): FoundTable[] {
  const names = new Set(adopted.map(tableOf));
  return [...found.tables.values()].filter(
    ({ name }) => names.has(name) && found.rules.every((rule) => adopted.includes(rule) || tableOf(rule) !== name),
  );
}

/** Rules without an action that an interrupted change of this resource has left. */
function begunRules({ found, priorities, routes, ownedRoutes, owned }: PlanContext): FoundRule[] {
  const selectors = [...routes, ...ownedRoutes]
    .filter(({ redirection }) => owned.has(redirection.name))
    .flatMap((route) => route.selectors);
  return found.rules.filter(
    ({ priority, match, action }) =>
      action === undefined &&
      priority >= priorities.first &&
      priority <= priorities.last &&
      selectors.some((selector) => isBegunFor(match, selector)),
  );
}

/** The table of a redirection: the one that is right already, or a new generation beside the old ones. */
function tableFor({ redirection }: Route, role: TableRole, { found, wanted, owned }: PlanContext) {
  const owner = wanted.owner ?? { id: "" };
  const nameOf = (generation: number) =>
    tableName({ redirection: redirection.name, role, ownerId: owner.id, ownerHash: ownerHashOf(owner), generation });
  const isRight = ({ name }: FoundTable) => {
    const parts = parseTableName(name);
    const isOfOwner = parts !== undefined && (!wanted.owner || name === nameOf(parts.generation));
    const isOfRole = parts?.redirection === redirection.name && parts.role === role;
    if (!isOfOwner || !isOfRole) return false;
    return role === "stop" ? isRejecting(name, found) : gatewayOf(name, found) === redirection.spsAddress;
  };
  const right = [...found.tables.values()].find(isRight);
  if (right && owned.has(redirection.name)) return { name: right.name };
  let generation = 1;
  // A rule may refer to a table that no longer exists.
  const used = new Set([...found.tables.keys(), ...found.rules.map(tableOf)]);
  while (used.has(nameOf(generation))) generation += 1;
  const name = nameOf(generation);
  const nextHop = role === "stop" ? "reject" : `gateway address ${redirection.spsAddress} on`;
  return { name, step: createTable(name, redirection.name, nextHop) };
}

/** A rule that routes a selector by a table already. One outside of the range of its role is replaced. */
function ruleFor(
  selector: Selector,
  table: string,
  { found }: PlanContext,
  kept: ReadonlySet<FoundRule>,
  numbers: FreeNumbers,
): FoundRule | undefined {
  const role = parseTableName(table)?.role ?? "hop";
  return found.rules.find(
    (rule) =>
      tableOf(rule) === table && isFor(rule, selector) && numbers.isInRange(rule.priority, role) && !kept.has(rule),
  );
}

/** The free priorities: the lower half of the range for rules that route, the upper half for those that reject. */
class FreeNumbers {
  private readonly used: Set<number>;

  constructor(private readonly context: PlanContext) {
    this.used = new Set(context.found.rules.map(({ priority }) => priority));
  }

  isInRange(priority: number, role: TableRole): boolean {
    const [first, last] = this.rangeOf(role);
    return priority >= first && priority <= last;
  }

  next(role: TableRole): number {
    const [first, last] = this.rangeOf(role);
    for (let number = first; number <= last; number += 1) {
      if (this.used.has(number)) continue;
      this.used.add(number);
      return number;
    }
    const remedy = "set checkPoint.firstPriority and lastPriority to a larger range without rules of others";
    throw refusal("SG3202", this.context.object, `all priorities from ${first} to ${last} are in use`, remedy);
  }

  private rangeOf(role: TableRole): [first: number, last: number] {
    const { priorities } = this.context;
    const middle = middleOf(priorities);
    return role === "hop" ? [priorities.first, middle] : [middle + 1, priorities.last];
  }
}
