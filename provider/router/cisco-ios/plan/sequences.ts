import type { Found, FoundSequence } from "../model/found";
import { earlierRouteMapName, parseAccessListName, routeMapName } from "../model/names";
import { ownerOf } from "../model/owner-remarks";

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
export function isOwnMap(map: string, found: Found): boolean {
  return [...found.interfaces.keys()].some((name) => ownMapName(name, found) === map);
}

/** Name of the route-map for the redirections of an interface: the attached one where an earlier version made it. */
export function ownMapName(interfaceName: string, found: Found): string {
  const earlier = earlierRouteMapName(interfaceName);
  return isMadeEarlier(earlier, interfaceName, found) ? earlier : routeMapName(interfaceName);
}

/**
 * Whether an earlier version made a route-map for an interface: it is on this interface only, no other interface has
 * a claim to its name, and all its sequences match access lists of redirections that record an owner.
 */
function isMadeEarlier(map: string, interfaceName: string, { interfaces, sequences, accessLists }: Found): boolean {
  const all = [...interfaces.values()];
  const attached = all.filter(({ policy }) => policy === map).map(({ name }) => name);
  if (attached.join() !== interfaceName || all.some(({ name }) => routeMapName(name) === map)) return false;
  const own = sequences.filter((one) => one.map === map);
  const isRecorded = (list: string) => parseAccessListName(list) && ownerOf(accessLists.get(list)?.remarks ?? []);
  return own.length > 0 && own.every((one) => one.accessLists.some(isRecorded));
}
