import { isSameResource, type Owner } from "../../owner";
import type { RouterAccess } from "../../planning/addresses";
import { type Ownership, ownershipOf } from "../../planning/ownership";
import { type Desired, type Leg, redirectionNames } from "../model/desired";
import type { Found, FoundObject } from "../model/found";
import { redirectionOf } from "../model/names";
import { ownerOf } from "../model/owner-comment";
import { handMadeRoutes } from "./hand-made";
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
  /** References of the policy routes of others that the change replaces. */
  adopted: ReadonlySet<string>;
  /** Whether locks of users are ignored. */
  isOverridingLocks: boolean;
  /** The address of the connection, which may be one of no interface that is read. */
  address: string;
  /** Ports of WebAdmin and the shell. */
  managementPorts: readonly number[];
  /** Whether the change may alter or delete an object: it has such a name, and its comment records this resource. */
  isOurs(object: FoundObject): boolean;
}

/** The ports of the shell and of WebAdmin, unless it has another. */
const MANAGEMENT_PORTS = [22, 4444];

/** What a change needs to know besides the router. */
export interface ChangeScope {
  wanted: Desired;
  owned: Desired;
  isAdopting: boolean;
  /** The connection, whose port WebAdmin may have on the router too. */
  access: RouterAccess;
}

/** Evaluates the configuration of a router for a change. */
export function planContext(found: Found, scope: ChangeScope, object: string): PlanContext {
  const { wanted, owned, isAdopting, access } = scope;
  const owner = wanted.owner ?? owned.owner;
  const ownership = ownershipOf({
    owner,
    wanted: redirectionNames(wanted),
    owned: redirectionNames(owned),
    isAdopting,
    isThere: (name) => partsOf(name, found).length > 0,
    recordedOwner: (name) => recordedOwner(name, found, owner),
    isAsWanted(name) {
      const one = { ...wanted, legs: wanted.legs.filter(({ redirection }) => redirection.name === name) };
      return desiredRules(one).join("\n") === foundRules(one, found).join("\n");
    },
  });
  // A removal has no wanted state that says so.
  const { isOverridingLocks } = wanted.legs.length > 0 ? wanted : owned;
  const managementPorts = [...new Set([...MANAGEMENT_PORTS, access.port])];
  const isOurs = objectOwnership(found, scope, ownership);
  const legs = resolvedLegs(wanted, found);
  // Decided before the change: it turns them off before it deletes them.
  const adopted = new Set(isAdopting ? handMadeRoutes(legs, found).map(({ route }) => route.reference) : []);
  const { address } = access;
  const conclusions = { object, wanted, legs, found, adopted, isOverridingLocks, managementPorts, isOurs, address };
  return { ...conclusions, ...ownership };
}

/** Decides by the state before the change, so that what it takes over stays its own while it goes on. */
function objectOwnership(
  found: Found,
  { wanted, owned, isAdopting }: ChangeScope,
  ownership: Ownership,
): (object: FoundObject) => boolean {
  const owner = wanted.owner ?? owned.owner;
  const wantedNames = redirectionNames(wanted);
  const recorded = new Map([...ownership.owned].map((name) => [name, recordedOwner(name, found, owner)?.id]));
  return ({ name, comment }) => {
    const redirection = redirectionOf(name);
    if (redirection === undefined || !ownership.owned.has(redirection)) return false;
    const isWanted = wantedNames.includes(redirection);
    if (isAdopting && isWanted) return true;
    const by = ownerOf(comment);
    if (!by || !owner) return false;
    return by.id === owner.id || by.id === recorded.get(redirection) || (isWanted && isSameResource(by, owner));
  };
}

/** The same context after another reading. */
export function withFound(context: PlanContext, found: Found): PlanContext {
  return { ...context, found, legs: resolvedLegs(context.wanted, found) };
}

/** The objects of a redirection: policy routes, then definitions. */
export function partsOf(redirection: string, { routes, definitions }: Found): FoundObject[] {
  return [...routes, ...definitions].filter(({ name }) => redirectionOf(name) === redirection);
}

/**
 * The owner that the objects of a redirection record. Policy routes that are on decide, then the others, then definitions; among
 * several owners the given one.
 */
export function recordedOwner(redirection: string, found: Found, own: Owner | undefined): Owner | undefined {
  const routes = found.routes.filter(({ name }) => redirectionOf(name) === redirection);
  for (const parts of [
    routes.filter(({ isOn, position }) => isOn && position > 0),
    routes,
    partsOf(redirection, found),
  ]) {
    const owners = parts.map(({ comment }) => ownerOf(comment)).filter((owner) => owner !== undefined);
    const same = own && (owners.find(({ id }) => id === own.id) ?? owners.find((owner) => isSameResource(owner, own)));
    if (owners.length > 0) return same ?? owners[0];
  }
  return undefined;
}
