import type { Desired, Leg } from "../model/desired";
import type { Found, FoundSequence } from "../model/found";
import { accessListName, parseAccessListName } from "../model/names";
import { resolvedName } from "./interfaces";

/** The wanted state, one canonical line for each entry and each interface. */
export function desiredRules({ legs }: Desired): string[] {
  return legs.flatMap((leg) => [
    ...leg.entries.map((entry) => `${listText(leg)}: ${entry}`),
    ...leg.interfaces.map((text) => `interface ${text}: ${wantedClauses(leg).join(", ")}`),
  ]);
}

/** The same lines as found on the router, with the interfaces as the user wrote them. */
export function foundRules({ legs }: Desired, found: Found): string[] {
  return legs.flatMap((leg) => {
    const isOfLeg = (name: string) => {
      const parts = parseAccessListName(name);
      return parts?.redirection === leg.redirection.name && parts.direction === leg.direction;
    };
    const lists = [...found.accessLists.values()].filter(({ name }) => isOfLeg(name));
    const texts = new Map(leg.interfaces.map((text) => [resolvedName(text, found), text]));
    const order = [...texts.keys()];
    const attached = [...found.interfaces.values()]
      .sort((left, right) => order.indexOf(left.name) - order.indexOf(right.name))
      .flatMap(({ name, policy }) =>
        found.sequences
          .filter(({ map, accessLists }) => map === policy && accessLists.some(isOfLeg))
          .map((sequence) => `interface ${texts.get(name) ?? name}: ${clausesOf(sequence).join(", ")}`),
      );
    return [...lists.flatMap(({ entries }) => entries.map((entry) => `${listText(leg)}: ${entry}`)), ...attached];
  });
}

/** The clauses of the sequence for a leg. `Null0` drops packets while the route to SPS is missing. */
export function wantedClauses(leg: Leg, accessList = firstName(leg)): string[] {
  const { spsAddress, failMode } = leg.redirection;
  return [
    `match ip address ${accessList}`,
    `set ip next-hop ${spsAddress}`,
    ...(failMode === "closed" ? ["set interface Null0"] : []),
  ];
}

/** The clauses of a sequence in canonical form, with the first generation of our access lists. */
export function clausesOf({ action, accessLists, nextHops, setInterfaces, others }: FoundSequence): string[] {
  const names = accessLists.map((name) => {
    const parts = parseAccessListName(name);
    return parts ? accessListName({ ...parts, generation: 1 }) : name;
  });
  return [
    ...(action === "permit" ? [] : [action]),
    ...(names.length > 0 ? [`match ip address ${names.join(" ")}`] : []),
    ...(nextHops.length > 0 ? [`set ip next-hop ${nextHops.join(" ")}`] : []),
    ...(setInterfaces.length > 0 ? [`set interface ${setInterfaces.join(" ")}`] : []),
    ...others,
  ];
}

function firstName({ redirection, direction }: Leg): string {
  return accessListName({ redirection: redirection.name, direction, generation: 1 });
}

function listText(leg: Leg): string {
  return `ip access-list extended ${firstName(leg)}`;
}
