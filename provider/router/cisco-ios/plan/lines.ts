import type { Desired, Leg } from "../model/desired";
import type { Found, FoundSequence } from "../model/found";
import { accessListName, parseAccessListName } from "../model/names";
import { delayLines, SCHEDULE, watchLine, watchName } from "../model/watch";
import { resolvedName } from "./interfaces";
import { isWatching, watchesOf } from "./watches";

/** The wanted state, one canonical line for each entry and each interface. */
export function desiredRules({ legs }: Desired): string[] {
  const watches = legs.flatMap(({ watch }) =>
    watch ? [watchLine(watch.spsAddress, watch.operation, delayLines(watch.delaySeconds))] : [],
  );
  const rules = legs.flatMap((leg) => [
    ...leg.entries.map((entry) => `${listText(leg)}: ${entry}`),
    ...leg.interfaces.map((text) => `interface ${text}: ${wantedLine(leg)}`),
  ]);
  return [...[...new Set(watches)].sort(), ...rules];
}

/** The same lines as found on the router, with the interfaces as the user wrote them. */
export function foundRules(wanted: Desired, found: Found): string[] {
  const { legs } = wanted;
  const rules = legs.flatMap((leg) => {
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
          .map((sequence) => `interface ${texts.get(name) ?? name}: ${foundLine(sequence, found)}`),
      );
    return [...lists.flatMap(({ entries }) => entries.map((entry) => `${listText(leg)}: ${entry}`)), ...attached];
  });
  return [...watchLines(wanted, found).sort(), ...rules];
}

/** What the sequence of a leg is made from. */
export interface SequenceParts {
  leg: Leg;
  accessList: string;
  /** The number of the object that watches SPS. */
  track: number | undefined;
}

/** The clauses of the sequence for a leg; `order` is the place of a watched next hop. */
export function wantedClauses({ leg, accessList, track }: SequenceParts, order = 10): string[] {
  const { spsAddress } = leg.redirection;
  const hop = track === undefined ? spsAddress : `verify-availability ${spsAddress} ${order} track ${track}`;
  return clausesOf(leg, accessList, hop);
}

/** `Null0` drops packets while the route to SPS is missing. */
function clausesOf({ redirection: { failMode } }: Leg, accessList: string, hop: string): string[] {
  return [
    `match ip address ${accessList}`,
    `set ip next-hop ${hop}`,
    ...(failMode === "closed" ? ["set interface Null0"] : []),
  ];
}

/** The clauses of a sequence, one for each list, next hop and interface. */
export function singleClauses({ accessLists, verifiedHops, nextHops, setInterfaces }: FoundSequence): string[] {
  return [
    ...accessLists.map((name) => `match ip address ${name}`),
    ...verifiedHops.map(
      ({ address, order, track }) => `set ip next-hop verify-availability ${address} ${order} track ${track}`,
    ),
    ...nextHops.map((address) => `set ip next-hop ${address}`),
    ...setInterfaces.map((name) => `set interface ${name}`),
  ];
}

/** The clauses for a leg in canonical form, without numbers that the router decides. */
function wantedLine(leg: Leg): string {
  const { spsAddress } = leg.redirection;
  const hop = leg.watch ? watchedHop(spsAddress, watchName(spsAddress)) : spsAddress;
  return clausesOf(leg, firstName(leg), hop).join(", ");
}

/** The clauses of a sequence in canonical form, with the first generation of our access lists. */
function foundLine(sequence: FoundSequence, found: Found): string {
  const { action, accessLists, verifiedHops, nextHops, setInterfaces, others } = sequence;
  const names = accessLists.map((name) => {
    const parts = parseAccessListName(name);
    return parts ? accessListName({ ...parts, generation: 1 }) : name;
  });
  const nameOf = (track: number) => {
    const watch = watchesOf(found).find(({ operation }) => operation.number === track);
    return watch ? watchName(watch.spsAddress) : `${track}`;
  };
  return [
    ...(action === "permit" ? [] : [action]),
    ...(names.length > 0 ? [`match ip address ${names.join(" ")}`] : []),
    ...verifiedHops.map(({ address, track }) => `set ip next-hop ${watchedHop(address, nameOf(track))}`),
    ...(nextHops.length > 0 ? [`set ip next-hop ${nextHops.join(" ")}`] : []),
    ...(setInterfaces.length > 0 ? [`set interface ${setInterfaces.join(" ")}`] : []),
    ...others,
  ].join(", ");
}

function watchedHop(address: string, watch: string): string {
  return `verify-availability ${address} track ${watch}`;
}

/** The watches that the sequences of redirections use, and others of the same resource. */
function watchLines({ legs, owner }: Desired, found: Found): string[] {
  const isUsed = (number: number) => legs.some(({ redirection }) => isWatching(redirection.name, number, found));
  return watchesOf(found)
    .filter(({ ownerId, operation }) => ownerId === owner?.id || isUsed(operation.number))
    .map(({ spsAddress, operation: { lines, schedule }, track }) =>
      watchLine(spsAddress, lines, [
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
