import { isSameResource, isSameStack, type Owner } from "../../owner";
import { backendOf, type Choice, chooseBackend, otherBackendsHolding } from "../backends/backends";
import type { Chain, Desired } from "../model/desired";
import type { Found } from "../model/found";
import { resolved } from "../model/interfaces";
import { type OtherRedirection, otherRedirections } from "../neighbours/others";
import { isMatching, type Recipe, recipesIn } from "../neighbours/recipe";
import { isPersisted } from "../persistence/found-files";

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
  /** What the resource owned on the router before, without redirections that belong to another resource by now. */
  owned: Desired;
  /** Names of redirections in the state of the resource that belong to another resource by now. */
  left: readonly string[];
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
  const claim = claimOn(decision, owned);
  const others = otherRedirections(found, decision.desired, claim.owned);
  return { ...decision, ...claim, object, isAdopting, others };
}

/** The same context for another wanted state. */
export function withWanted(context: PlanContext, wanted: Desired): PlanContext {
  return { ...context, ...decide(wanted, context.found) };
}

/** The same context after another reading. */
export function withFound(context: PlanContext, found: Found): PlanContext {
  return { ...context, ...decide(context.wanted, found) };
}

/** What a resource owns on the router, by its state and by the owners recorded on the router. */
function claimOn(decision: Decision, owned: Desired): Pick<PlanContext, "owned" | "left"> {
  const { wanted, desired, found } = decision;
  const owner = wanted.owner ?? owned.owner;
  const isLeft = (chain: Chain) => otherOwner(chain, owner, found) !== undefined;
  const kept = owned.chains.filter((chain) => !isLeft(chain));
  const resumed = desired.chains.filter(
    (chain) => !kept.some(({ name }) => name === chain.name) && isResumable(chain, decision),
  );
  const hops = resumed.map(({ hop }) => hop).filter((hop) => !owned.hops.some(({ mark }) => mark === hop.mark));
  const left = owned.chains.filter((chain) => isLeft(chain)).map(({ redirection }) => redirection.name);
  return {
    owned: { ...owned, hops: [...owned.hops, ...hops], chains: [...kept, ...resumed] },
    left: left.filter((name) => !resumed.some(({ redirection }) => redirection.name === name)),
  };
}

/** The resource to which the router says that a redirection belongs, when it is another one. */
export function otherOwner({ redirection }: Chain, owner: Owner | undefined, found: Found): Owner | undefined {
  const recorded = found.owners.get(redirection.name);
  if (!owner || !recorded) return undefined;
  // A preview that does not know the state has no id.
  const isOwn = owner.id === "" ? isSameResource(recorded, owner) : recorded.id === owner.id;
  return isOwn ? undefined : recorded;
}

/**
 * Whether the redirection comes from this resource although its state lacks it: from an interrupted create, from the
 * resource that it replaces, or with the same rules from another resource of the stack, as after a rename.
 */
function isResumable(chain: Chain, { wanted: { owner }, found, backend }: Decision): boolean {
  const recorded = found.owners.get(chain.redirection.name);
  if (!owner || !recorded) return false;
  if (isSameResource(recorded, owner)) return true;
  return isSameStack(recorded, owner) && backend.name !== undefined && hasSameRules(chain, backend.name, found);
}

function hasSameRules(chain: Chain, name: NonNullable<Decision["backend"]["name"]>, found: Found): boolean {
  const backend = backendOf(name);
  return backend.wantedLines(chain).join("\n") === backend.foundLines(chain, found).join("\n");
}

/** Whether a redirection of that name is on the router, or would be after a restart. */
export function isPresent(chain: Chain, found: Found): boolean {
  const { name } = chain.redirection;
  // Policy rules have no name, so equal ones may belong to another redirection.
  const holders = otherBackendsHolding(chain, found.owners.has(name) ? undefined : "ip-rule", found);
  return holders.length > 0 || isPersisted(name, found);
}
