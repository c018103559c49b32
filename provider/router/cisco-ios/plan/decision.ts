import type { Owner } from "../../owner";
import { type Ownership, ownershipOf } from "../../planning/ownership";
import { type Desired, type Leg, redirectionNames } from "../model/desired";
import type { Found, FoundAccessList } from "../model/found";
import { parseAccessListName } from "../model/names";
import { ownerOf } from "../model/owner-remarks";
import { type HandTyped, handTypedMaps } from "./hand-typed";
import { resolvedLegs } from "./interfaces";
import { desiredRules, foundRules } from "./lines";

/** The configuration of a router and the conclusions for a wanted state. */
export interface PlanContext extends Ownership {
  /** The owner ids whose watches the change may replace or remove. */
  ownerIds: ReadonlySet<string>;
  /** The name of the router in messages. */
  object: string;
  wanted: Desired;
  /** The wanted legs with the name of every interface that the router has. */
  legs: readonly Leg[];
  found: Found;
  isAdopting: boolean;
  /** Route-maps that were typed by hand and that an adopting resource takes over. */
  handTyped: readonly HandTyped[];
}

/** What a change needs to know besides the router. */
export interface ChangeScope {
  wanted: Desired;
  owned: Desired;
  isAdopting: boolean;
}

/** Evaluates a running configuration for a change. */
export function planContext(found: Found, { wanted, owned, isAdopting }: ChangeScope, object: string): PlanContext {
  const names = redirectionNames(wanted);
  const ownership = ownershipOf({
    owner: wanted.owner ?? owned.owner,
    wanted: names,
    owned: redirectionNames(owned),
    isAdopting,
    isThere: (name) => accessListsOf(name, found).length > 0,
    recordedOwner: (name) => recordedOwner(accessListsOf(name, found)),
    isAsWanted(name) {
      const one = { ...wanted, legs: wanted.legs.filter(({ redirection }) => redirection.name === name) };
      return desiredRules(one).join("\n") === foundRules(one, found).join("\n");
    },
  });
  const recorded = [...ownership.owned].map((name) => recordedOwner(accessListsOf(name, found))?.id);
  const ids = [(wanted.owner ?? owned.owner)?.id, ...recorded].flatMap((id) => id ?? []);
  return { object, ...readingFor(wanted, found, isAdopting), isAdopting, ...ownership, ownerIds: new Set(ids) };
}

/** The same context after another reading. */
export function withFound(context: PlanContext, found: Found): PlanContext {
  return { ...context, ...readingFor(context.wanted, found, context.isAdopting) };
}

function readingFor(wanted: Desired, found: Found, isAdopting: boolean) {
  const legs = resolvedLegs(wanted, found);
  return { wanted, legs, found, handTyped: isAdopting ? handTypedMaps(legs, found) : [] };
}

/** The access lists of a redirection, of all generations. */
export function accessListsOf(redirection: string, { accessLists }: Found): FoundAccessList[] {
  return [...accessLists.values()].filter(({ name }) => parseAccessListName(name)?.redirection === redirection);
}

/** The owner that the access lists of a redirection record. */
export function recordedOwner(lists: readonly FoundAccessList[]): Owner | undefined {
  return lists.map(({ remarks }) => ownerOf(remarks)).find((owner) => owner !== undefined);
}
