import type { Desired, Leg } from "../model/desired";
import type { Found, FoundSequence } from "../model/found";
import { accessListName, parseAccessListName } from "../model/names";
import { delayLines, SCHEDULE, watchLine } from "../model/watch";
import { resolvedName } from "./interfaces";
import { tagOfTrack, watchesOf } from "./watches";

/** The wanted state, one canonical line for each entry and each interface. */
export function desiredRules({ legs }: Desired): string[] {
  return legs.flatMap((leg) => [
    ...(leg.watch && leg.direction === "in"
      ? [watchLine(leg.watch.tag, leg.watch.operation, delayLines(leg.watch.delaySeconds))]
      : []),
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
          .map((sequence) => `interface ${texts.get(name) ?? name}: ${clausesOf(sequence, found).join(", ")}`),
      );
    const watches = leg.direction === "in" ? watchLines(leg.redirection.name, found) : [];
    return [
      ...watches,
      ...lists.flatMap(({ entries }) => entries.map((entry) => `${listText(leg)}: ${entry}`)),
      ...attached,
    ];
  });
}

/** The clauses of the sequence for a leg. `Null0` drops packets while the route to SPS is missing. */
export function wantedClauses(
  leg: Leg,
  accessList = firstName(leg),
  track: string | number | undefined = leg.watch?.tag,
): string[] {
  const { spsAddress, failMode } = leg.redirection;
  const hop = track === undefined ? spsAddress : verifiedHop(spsAddress, track);
  return [
    `match ip address ${accessList}`,
    `set ip next-hop ${hop}`,
    ...(failMode === "closed" ? ["set interface Null0"] : []),
  ];
}

/** The clauses of a sequence in canonical form, with the first generation of our access lists. */
export function clausesOf(sequence: FoundSequence, found: Found): string[] {
  const { action, accessLists, verifiedHops, nextHops, setInterfaces, others } = sequence;
  const names = accessLists.map((name) => {
    const parts = parseAccessListName(name);
    return parts ? accessListName({ ...parts, generation: 1 }) : name;
  });
  return [
    ...(action === "permit" ? [] : [action]),
    ...(names.length > 0 ? [`match ip address ${names.join(" ")}`] : []),
    ...verifiedHops.map(
      ({ address, track }) => `set ip next-hop ${verifiedHop(address, tagOfTrack(track, found) ?? track)}`,
    ),
    ...(nextHops.length > 0 ? [`set ip next-hop ${nextHops.join(" ")}`] : []),
    ...(setInterfaces.length > 0 ? [`set interface ${setInterfaces.join(" ")}`] : []),
    ...others,
  ];
}

/** A next hop that is used while an object is up, by the number of the object or the tag of its watch. */
function verifiedHop(address: string, track: string | number): string {
  return `verify-availability ${address} 10 track ${track}`;
}

function watchLines(redirection: string, found: Found): string[] {
  return watchesOf(found)
    .filter((one) => one.redirection === redirection)
    .map(({ operation: { tag, lines, schedule }, track }) =>
      watchLine(tag, lines, [
        ...(track?.lines.slice(1) ?? ["no track"]),
        ...(schedule === SCHEDULE ? [] : [`schedule ${schedule ?? "none"}`]),
      ]),
    );
}

function firstName({ redirection, direction }: Leg): string {
  return accessListName({ redirection: redirection.name, direction, generation: 1 });
}

function listText(leg: Leg): string {
  return `ip access-list extended ${firstName(leg)}`;
}
