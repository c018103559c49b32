import { isSameResource, isSameStack, type Owner } from "../../owner";
import { type Desired, type Leg, redirectionNames } from "../model/desired";
import type { Found, FoundAccessList, FoundSequence } from "../model/found";
import { parseAccessListName } from "../model/names";
import { ownerOf } from "../model/owner-remarks";
import { resolvedLegs } from "./interfaces";
import { desiredRules, foundRules } from "./lines";

/** The configuration of a router and the conclusions for a wanted state. */
export interface PlanContext {
  /** The name of the router in messages. */
  object: string;
  wanted: Desired;
  /** The wanted legs with the name of every interface that the router has. */
  legs: readonly Leg[];
  found: Found;
  /** Names of the redirections whose parts the change may replace or remove. */
  owned: ReadonlySet<string>;
  /** Names of wanted redirections that belong to others; the change is refused. */
  taken: readonly string[];
  /** Names of redirections in the state of the resource that belong to another resource by now. */
  left: readonly string[];
}

/** What a change needs to know besides the router. */
export interface ChangeScope {
  wanted: Desired;
  owned: Desired;
  isAdopting: boolean;
}

/** Evaluates a running configuration for a change. */
export function planContext(found: Found, { wanted, owned, isAdopting }: ChangeScope, object: string): PlanContext {
  const owner = wanted.owner ?? owned.owner;
  const names = [...new Set([...redirectionNames(owned), ...redirectionNames(wanted)])];
  const legs = resolvedLegs(wanted, found);
  const others = names.filter((name) => {
    const lists = accessListsOf(name, found);
    if (lists.length === 0) return false;
    const recorded = recordedOwner(lists);
    return !(owner && recorded && isOwnOrResumed(name, owner, recorded, wanted, found));
  });
  const wantedNames = redirectionNames(wanted);
  const taken = isAdopting ? [] : others.filter((name) => wantedNames.includes(name));
  const left = others.filter((name) => !wantedNames.includes(name));
  const ours = names.filter((name) => !taken.includes(name) && !left.includes(name));
  return { object, wanted, legs, found, owned: new Set(ours), taken, left };
}

/** The same context after another reading. */
export function withFound(context: PlanContext, found: Found): PlanContext {
  return { ...context, found, legs: resolvedLegs(context.wanted, found) };
}

/** The access lists of a redirection, of all generations. */
export function accessListsOf(redirection: string, { accessLists }: Found): FoundAccessList[] {
  return [...accessLists.values()].filter(({ name }) => parseAccessListName(name)?.redirection === redirection);
}

/** The owner that the access lists of a redirection record. */
export function recordedOwner(lists: readonly FoundAccessList[]): Owner | undefined {
  return lists.map(({ remarks }) => ownerOf(remarks)).find((owner) => owner !== undefined);
}

/** The redirection that a sequence of a route-map belongs to; undefined for sequences of others. */
export function redirectionOf({ accessLists }: FoundSequence): string | undefined {
  return accessLists.map((name) => parseAccessListName(name)?.redirection).find((name) => name !== undefined);
}

/**
 * Whether a redirection is of this resource: by its id, as its own replacement or an interrupted create, or with the same
 * rules from another resource of the stack, as after a rename.
 */
function isOwnOrResumed(name: string, owner: Owner, recorded: Owner, wanted: Desired, found: Found): boolean {
  if (recorded.id === owner.id) return true;
  const legs = wanted.legs.filter(({ redirection }) => redirection.name === name);
  if (legs.length === 0) return false;
  if (isSameResource(recorded, owner)) return true;
  const one: Desired = { ...wanted, legs };
  return isSameStack(recorded, owner) && desiredRules(one).join("\n") === foundRules(one, found).join("\n");
}
