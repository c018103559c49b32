import type { Leg } from "../model/desired";
import type { DefinitionType, FoundObject, FoundRoute } from "../model/found";
import { generationName, redirectionOf } from "../model/names";
import { ownerComment } from "../model/owner-comment";
import type { PlanContext } from "./decision";
import { Definitions } from "./definitions";
import { isFor } from "./match";
import { isShadowed } from "./overlap";
import { type ObjectKey, type Plan, type Step, turn } from "./steps";

/**
 * The changes to the wanted state. Policy routes that are right stay. Others get a new one above all others, which is created
 * off, and is on before the old one is turned off: no packet of a redirection that stays goes direct.
 */
export function planChanges(context: PlanContext): Plan {
  const { found, legs, wanted, adopted, isOurs } = context;
  const comment = wanted.owner ? ownerComment(wanted.owner) : undefined;
  const ours = found.routes.filter(isOurs);
  const definitions = new Definitions(found, isOurs, comment);
  const kept = new Set<FoundRoute>();
  const create: Step[] = [];
  const on: Step[] = [];
  for (const leg of legs) {
    for (const name of leg.interfaces) {
      const route = ours.find(
        (one) =>
          redirectionOf(one.name) === leg.redirection.name &&
          isFor(one, leg, name) &&
          (comment === undefined || one.comment === comment) &&
          one.position > 0 &&
          !isShadowed(one, found) &&
          !kept.has(one),
      );
      if (route) {
        kept.add(route);
        definitions.keep(route);
        if (!route.isOn) on.push(turn(keyOf(route), true));
        continue;
      }
      const key: ObjectKey = { type: "route/policy", name: freeName(leg, name, found.routes, create) };
      create.push({ kind: "create", key, values: routeValues(leg, name, context, definitions) });
      on.push(turn(key, true));
    }
  }
  const gone = [
    ...ours.filter((one) => !kept.has(one)),
    ...found.routes.filter(({ reference }) => adopted.has(reference)),
  ];
  const remove = (one: FoundObject): Step => ({ kind: "delete", key: keyOf(one) });
  return {
    prepare: [...definitions.steps, ...create],
    activate: [...on, ...gone.filter(({ isOn }) => isOn).map((one) => turn(keyOf(one), false))],
    clean: [...gone.map(remove), ...definitions.unused().map(remove)],
  };
}

function keyOf({ type, name, reference }: FoundObject): ObjectKey {
  return { type: type as DefinitionType, name, reference };
}

function routeValues(
  leg: Leg,
  interfaceName: string,
  { found, wanted: { owner } }: PlanContext,
  definitions: Definitions,
): Extract<Step, { kind: "create" }>["values"] {
  const { redirection, direction, sources, destinations } = leg;
  const [clients, servers] = ["clients", "servers"] as const;
  const [from, to] = direction === "in" ? [clients, servers] : [servers, clients];
  return {
    type: "host",
    interface: found.interfaces.find(({ name }) => name === interfaceName)?.reference ?? "",
    source: definitions.networks(redirection.name, from, sources),
    destination: definitions.networks(redirection.name, to, destinations),
    service: definitions.services(leg),
    target: definitions.gateway(redirection),
    status: false,
    comment: owner ? ownerComment(owner) : "",
  };
}

/** The name of the first generation that no policy route has. */
function freeName(leg: Leg, interfaceName: string, routes: readonly FoundRoute[], created: readonly Step[]): string {
  const used = new Set([...routes.map(({ name }) => name), ...created.map(({ key }) => key.name)]);
  const nameOf = (generation: number) =>
    generationName(leg.redirection.name, `${leg.direction}:${interfaceName}`, generation);
  let generation = 1;
  while (used.has(nameOf(generation))) generation += 1;
  return nameOf(generation);
}
