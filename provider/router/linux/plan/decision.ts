import { type Choice, chooseBackend } from "../backends/backends";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import { resolved } from "../model/interfaces";
import { type OtherRedirection, otherRedirections } from "../neighbours/others";
import { isMatching, type Recipe, recipesIn } from "../neighbours/recipe";

/** The state read from a router and the conclusions for a wanted state. Made once for each reading. */
export interface Decision {
  /** The wanted state as the user wrote it. */
  wanted: Desired;
  /** The same with the name of every interface that the router has. */
  desired: Desired;
  found: Found;
  backend: Choice;
  /** The manual recipes on the router. */
  recipes: readonly Recipe[];
  /** The recipes that redirect traffic of the wanted redirections. */
  matchingRecipes: readonly Recipe[];
}

/** A decision with everything else that planning needs. */
export interface PlanContext extends Decision {
  /** The name of the router in messages. */
  object: string;
  /** What the resource owned on the router before. */
  owned: Desired;
  /** True adopts existing rules with the same mark or table. */
  isAdopting: boolean;
  /** The redirections of other resources. */
  others: readonly OtherRedirection[];
}

/** Evaluates a reading for a wanted state. */
export function decide(wanted: Desired, found: Found): Decision {
  const desired = resolved(wanted, found);
  const recipes = recipesIn(found);
  return {
    wanted,
    desired,
    found,
    backend: chooseBackend(desired, found),
    recipes,
    matchingRecipes: recipes.filter((recipe) => isMatching(recipe, desired)),
  };
}

/** The context for planning a change. */
export function planContext(
  found: Found,
  { wanted, owned, isAdopting }: Pick<PlanContext, "wanted" | "owned" | "isAdopting">,
  object: string,
): PlanContext {
  const decision = decide(wanted, found);
  const others = otherRedirections(found, decision.desired, owned);
  return { ...decision, object, owned, isAdopting, others };
}

/** The same context for another wanted state. */
export function withWanted(context: PlanContext, wanted: Desired): PlanContext {
  return { ...context, ...decide(wanted, context.found) };
}

/** The same context after another reading. */
export function withFound(context: PlanContext, found: Found): PlanContext {
  return { ...context, ...decide(context.wanted, found) };
}
