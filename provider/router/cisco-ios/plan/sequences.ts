import type { Found, FoundSequence } from "../model/found";
import { parseAccessListName, routeMapName } from "../model/names";

/**
 * The redirection that a sequence of a route-map belongs to; undefined for sequences of others. In a route-map of others it
 * has one access list and the clauses of redirections only.
 */
export function redirectionOf(sequence: FoundSequence, found: Found): string | undefined {
  const { map, action, accessLists, verifiedHops, nextHops, setInterfaces, others } = sequence;
  const isOurs =
    isOwnMap(map, found) ||
    (action === "permit" &&
      accessLists.length === 1 &&
      others.length === 0 &&
      verifiedHops.length + nextHops.length > 0 &&
      setInterfaces.every((name) => name === "Null0"));
  return isOurs ? namedRedirection(sequence) : undefined;
}

/** The redirection whose access list a sequence matches, also when the sequence belongs to others. */
export function namedRedirection({ accessLists }: FoundSequence): string | undefined {
  return accessLists.map((name) => parseAccessListName(name)?.redirection).find((name) => name !== undefined);
}

/** Whether a route-map is made for the redirections of one interface. */
export function isOwnMap(map: string, { interfaces }: Found): boolean {
  return [...interfaces.keys()].some((name) => routeMapName(name) === map);
}
