import { z } from "zod";
import type { FilterRule } from "../model/found";
import { type ApiObject, networksOf, type Objects, portsOf } from "./objects";

const filterSchema = z.looseObject({
  _ref: z.string(),
  name: z.string().catch(""),
  action: z.string(),
  sources: z.array(z.string()),
  destinations: z.array(z.string()),
  services: z.array(z.string()),
  status: z.boolean(),
});

/** The list of all rules of the packet filter. */
export const filterListSchema = z.array(filterSchema);

/** The rules that are on, in their order. */
export function filterRulesIn(
  rules: z.output<typeof filterListSchema>,
  order: readonly string[],
  objects: readonly ApiObject[],
): FilterRule[] {
  const byReference: Objects = new Map(objects.map((one) => [one._ref, one]));
  return order.flatMap((reference, index) => {
    const rule = rules.find((one) => one._ref === reference);
    if (!rule?.status) return [];
    const { name, action, sources, destinations, services } = rule;
    return {
      position: index + 1,
      name,
      action,
      sources: allOf(sources, (one) => networksOf(one, byReference)),
      destinations: allOf(destinations, (one) => networksOf(one, byReference)),
      services: services.map((one) =>
        byReference.get(one)?._type === "service/any" ? "any" : portsOf(one, byReference),
      ),
    };
  });
}

/** All networks of several references; empty for any, undefined when one is not understood. */
function allOf(references: readonly string[], read: (one: string) => string[] | undefined): string[] | undefined {
  const lists = references.map(read);
  if (lists.some((one) => one?.length === 0)) return [];
  return lists.every((one) => one !== undefined) ? lists.flat() : undefined;
}
