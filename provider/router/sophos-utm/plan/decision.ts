import type { Owner } from "../../owner";
import { type Ownership, ownershipOf } from "../../planning/ownership";
import { type Desired, type Leg, redirectionNames } from "../model/desired";
import type { Found, FoundObject } from "../model/found";
import { redirectionOf } from "../model/names";
import { ownerOf } from "../model/owner-comment";
import { resolvedLegs } from "./interfaces";
import { desiredRules, foundRules } from "./lines";

/** The configuration of a router and the conclusions for a wanted state. */
export interface PlanContext extends Ownership {
  /** The name of the router in messages. */
  object: string;
  wanted: Desired;
  /** The wanted legs with the name of every interface that the router has. */
  legs: readonly Leg[];
  found: Found;
  /** Whether locks of users are ignored. */
  isOverridingLocks: boolean;
}

/** What a change needs to know besides the router. */
export interface ChangeScope {
  wanted: Desired;
  owned: Desired;
  isAdopting: boolean;
}

/** Evaluates the configuration of a router for a change. */
export function planContext(found: Found, { wanted, owned, isAdopting }: ChangeScope, object: string): PlanContext {
  const ownership = ownershipOf({
    owner: wanted.owner ?? owned.owner,
    wanted: redirectionNames(wanted),
    owned: redirectionNames(owned),
    isAdopting,
    isThere: (name) => partsOf(name, found).length > 0,
    recordedOwner: (name) => recordedOwner(name, found),
    isAsWanted(name) {
      const one = { ...wanted, legs: wanted.legs.filter(({ redirection }) => redirection.name === name) };
      return desiredRules(one).join("\n") === foundRules(one, found).join("\n");
    },
  });
  // A removal has no wanted state that says so.
  const { isOverridingLocks } = wanted.legs.length > 0 ? wanted : owned;
  return { object, wanted, legs: resolvedLegs(wanted, found), found, isOverridingLocks, ...ownership };
}

/** The same context after another reading. */
export function withFound(context: PlanContext, found: Found): PlanContext {
  return { ...context, found, legs: resolvedLegs(context.wanted, found) };
}

/** The objects of a redirection: policy routes, then definitions. */
export function partsOf(redirection: string, { routes, definitions }: Found): FoundObject[] {
  return [...routes, ...definitions].filter(({ name }) => redirectionOf(name) === redirection);
}

/** The owner that the objects of a redirection record. */
export function recordedOwner(redirection: string, found: Found): Owner | undefined {
  return partsOf(redirection, found)
    .map(({ comment }) => ownerOf(comment))
    .find((owner) => owner !== undefined);
}
