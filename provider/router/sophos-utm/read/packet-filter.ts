import { z } from "zod";
import type { FilterRule } from "../model/found";
import { type ApiObject, membersOf, type Objects } from "./api-object";
import { networksOf } from "./objects";
import { serviceOf } from "./services";

/** The lists of rules in the order in which they are assumed to decide. */
export const FILTER_NODES = ["rules_front", "rules_auto", "rules", "rules_back"] as const;

/** Any rules: one in an unexpected shape is a rule that may match. */
export const filterListSchema = z.array(z.unknown());

const filterSchema = z.looseObject({
  action: z.enum(["accept", "drop", "reject"]),
  sources: z.array(z.string()),
  destinations: z.array(z.string()),
  services: z.array(z.string()),
});

/** Attributes with which a rule matches less than its networks and services say. */
const RESTRICTIONS = ["time", "source_mac_addresses", "interface", "direction"];

/** The rules of one list that are on, in their order. */
export function filterRulesIn(
  rules: readonly unknown[],
  order: readonly string[],
  objects: readonly ApiObject[],
): FilterRule[] {
  const byReference: Objects = new Map(objects.map((one) => [one._ref, one]));
  const known = new Map(rules.map((one) => [attributeOf(one, "_ref"), one]));
  return order.flatMap((reference, index) => {
    const rule = known.get(reference);
    if (attributeOf(rule, "status") === false) return [];
    return ruleOf(rule, index + 1, byReference);
  });
}

function ruleOf(value: unknown, position: number, objects: Objects): FilterRule {
  const label = { position, name: String(attributeOf(value, "name") ?? "") };
  const { data: rule } = filterSchema.safeParse(value);
  if (!rule) {
    const unknown = { sources: undefined, destinations: undefined, services: [undefined] };
    return {
      ...label,
      action: attributeOf(value, "action") === "accept" ? "accept" : "drop",
      isRestricted: true,
      ...unknown,
    };
  }
  const { action, sources, destinations, services } = rule;
  const isRestricted =
    RESTRICTIONS.some((name) => !isEmpty(rule[name])) ||
    [...sources, ...destinations].some((one) => isBound(one, objects));
  return {
    ...label,
    action,
    isRestricted,
    sources: allOf(sources, (one) => networksOf(one, objects)),
    destinations: allOf(destinations, (one) => networksOf(one, objects)),
    services: services.map((one) => serviceOf(one, objects)?.ports),
  };
}

function attributeOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Whether a definition is bound to an interface, and so matches only packets of this interface. */
function isBound(reference: string, objects: Objects, depth = 0): boolean {
  const object = objects.get(reference);
  if (object?._type === "network/group")
    return membersOf(object, depth).some((one) => isBound(one, objects, depth + 1));
  return !isEmpty(object?.interface);
}

/** All networks of several references; empty for any, undefined when one is not understood. */
function allOf(references: readonly string[], read: (one: string) => string[] | undefined): string[] | undefined {
  const lists = references.map(read);
  if (lists.some((one) => one?.length === 0)) return [];
  return lists.length > 0 && lists.every((one) => one !== undefined) ? lists.flat() : undefined;
}
