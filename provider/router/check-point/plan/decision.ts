import { isSameResource, type Owner } from "../../owner";
import type { RouterAccess } from "../../planning/addresses";
import { type Ownership, ownershipOf } from "../../planning/ownership";
import { type Desired, type Route, redirectionNames } from "../model/desired";
import type { Found, FoundTable } from "../model/found";
import { ownerOf, parseTableName } from "../model/names";
import type { Priorities } from "../model/options";
import { resolvedRoutes } from "./interfaces";
import { desiredRules, foundRules } from "./lines";

/** The configuration of a router and the conclusions for a wanted state. */
export interface PlanContext extends Ownership {
  /** The name of the router in messages. */
  object: string;
  wanted: Desired;
  /** The wanted routes with the name of every interface that the router has. */
  routes: readonly Route[];
  /** The same of the redirections that the resource owns according to its state. */
  ownedRoutes: readonly Route[];
  found: Found;
  priorities: Priorities;
  isOverridingLock: boolean;
  isAdopting: boolean;
  access: RouterAccess;
}

/** What a change needs to know besides the router. */
export interface ChangeScope {
  wanted: Desired;
  owned: Desired;
  isAdopting: boolean;
  /** The connection, whose port and address SSH may have on the router too. */
  access: RouterAccess;
}

/** Evaluates a configuration for a change. */
export function planContext(found: Found, scope: ChangeScope, object: string): PlanContext {
  const { wanted, owned, isAdopting, access } = scope;
  const owner = wanted.owner ?? owned.owner;
  const ownership = ownershipOf({
    owner,
    wanted: redirectionNames(wanted),
    owned: redirectionNames(owned),
    isAdopting,
    isThere: (name) => tablesOf(name, found).length > 0,
    recordedOwner: (name) => recordedOwner(name, found, owner),
    isAsWanted(name) {
      const one = { ...wanted, routes: wanted.routes.filter(({ redirection }) => redirection.name === name) };
      return desiredRules(one).join("\n") === foundRules(one, found).join("\n");
    },
  });
  const { isOverridingLock, priorities } = decisiveState({ wanted, owned });
  return {
    object,
    wanted,
    routes: resolvedRoutes(wanted.routes, found),
    ownedRoutes: resolvedRoutes(owned.routes, found),
    found,
    priorities,
    isOverridingLock,
    isAdopting,
    access,
    ...ownership,
  };
}

/** The state whose options decide about a change. A removal has no wanted state that says so. */
export function decisiveState({ wanted, owned }: Pick<ChangeScope, "wanted" | "owned">): Desired {
  return wanted.routes.length > 0 ? wanted : owned;
}

/** The same context after another reading. */
export function withFound(context: PlanContext, found: Found): PlanContext {
  return { ...context, found, routes: resolvedRoutes(context.wanted.routes, found) };
}

/** The tables of a redirection, of all generations. */
export function tablesOf(redirection: string, { tables }: Found): FoundTable[] {
  return [...tables.values()].filter(({ name }) => parseTableName(name)?.redirection === redirection);
}

/** The owner that the tables of a redirection record; among several the given one. */
export function recordedOwner(redirection: string, found: Found, own: Owner | undefined): Owner | undefined {
  const owners = tablesOf(redirection, found).flatMap(({ name }) => {
    const parts = parseTableName(name);
    return parts ? [ownerOf(parts, own)] : [];
  });
  const same = own && (owners.find(({ id }) => id === own.id) ?? owners.find((one) => isSameResource(one, own)));
  return same ?? owners[0];
}
