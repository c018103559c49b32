import type { SafeguardError } from "../../../core/errors";
import { refusal } from "../../planning/refusal";
import type { Leg, SequenceRange } from "../model/desired";
import type { FoundSequence } from "../model/found";
import { parseAccessListName } from "../model/names";
import type { PlanContext } from "./decision";
import { isNamed } from "./hand-typed";
import { areEntriesOverlapping } from "./overlap";
import { ownMapName, redirectionOf } from "./sequences";

/** The route-map of others on an interface that a leg extends; undefined when it has one of its own there. */
export function extendedMap(name: string, { found, wanted, handTyped }: PlanContext): string | undefined {
  const policy = found.interfaces.get(name)?.policy;
  const isOther = policy !== undefined && policy !== ownMapName(name, found);
  return isOther && wanted.extend && handTyped.every(({ map }) => map !== policy) ? policy : undefined;
}

/** The sequence of a leg in a route-map, whatever it does now. */
export function sequenceFor(
  { redirection, direction }: Leg,
  map: string,
  { found, owned }: PlanContext,
): FoundSequence | undefined {
  return found.sequences.find(
    (one) =>
      one.map === map &&
      owned.has(redirectionOf(one, found) ?? "") &&
      one.accessLists.some((name) => {
        const parts = parseAccessListName(name);
        return parts?.redirection === redirection.name && parts.direction === direction;
      }),
  );
}

/** The last sequence of a route-map that belongs to a redirection. */
function lastRedirected(map: string, { found }: PlanContext): FoundSequence | undefined {
  return found.sequences.filter((one) => one.map === map && redirectionOf(one, found) !== undefined).at(-1);
}

/** Whether a sequence is in the reserved range. */
export function isInRange({ number }: Pick<FoundSequence, "number">, range: SequenceRange): boolean {
  return number >= range.first && number <= range.last;
}

/** Why a route-map of others cannot be extended for a leg. */
export function extensionRefusals(map: string, range: SequenceRange, leg: Leg, context: PlanContext): SafeguardError[] {
  const { found, object } = context;
  const refuse = (cause: string, remedy: string) => [refusal("SG3208", object, cause, remedy)];
  const elsewhere = [...found.interfaces.values()].find(
    ({ name, policy }) => policy === map && !leg.interfaces.includes(name),
  );
  if (elsewhere) {
    const cause = `route-map ${map} is also on interface ${elsewhere.name}, whose traffic would be redirected too`;
    return refuse(cause, "use a route-map of its own there, or add the interface to the redirection");
  }
  if (isNamed(map, found, `ip policy route-map ${map}`)) {
    const cause = `route-map ${map} has other uses in the configuration, which its new sequences would change`;
    return refuse(cause, "use a route-map of its own for policy routing");
  }
  const foreign = foreignSequences(map, context);
  const inside = foreign.find((one) => isInRange(one, range));
  if (inside) {
    const cause = `sequence ${inside.number} of route-map ${map} is in the reserved range and belongs to no redirection`;
    return refuse(cause, "choose a range of ciscoIos.extend without sequences of others");
  }
  const later = lastRedirected(map, context);
  if (!sequenceFor(leg, map, context) && later && later.number > range.last) {
    const cause = `sequence ${later.number} of route-map ${map} belongs to redirection ${redirectionOf(later, found)}, whose packets a new sequence before it would let pass directly for a moment`;
    return refuse(cause, `choose a range of ciscoIos.extend after sequence ${later.number}`);
  }
  const first = foreign.find((one) => one.number < range.first && isForEveryPacket(one));
  if (!first) return [];
  const cause = `sequence ${first.number} of route-map ${map} takes every packet before the reserved range`;
  return refuse(cause, `choose a range of ciscoIos.extend before sequence ${first.number}`);
}

/** What the order of the sequences of an extended route-map means for a leg, one sentence each. */
export function extensionWarnings(map: string, range: SequenceRange, leg: Leg, context: PlanContext): string[] {
  const { found } = context;
  const foreign = foreignSequences(map, context);
  const before = foreign.filter(({ number, accessLists }) => {
    const lists = accessLists.map((name) => found.accessLists.get(name));
    // Standard and numbered lists are not read, and a sequence without lists matches something else.
    const isUnknown = lists.length === 0 || lists.includes(undefined);
    const permits = lists.flatMap((list) => list?.entries ?? []).filter((entry) => !entry.startsWith("deny "));
    return number < range.first && (isUnknown || areEntriesOverlapping(leg.entries, permits));
  });
  return [
    ...before.map(
      ({ number }) =>
        `sequence ${number} of route-map ${map} comes first, and may take packets of redirection ${leg.redirection.name}`,
    ),
    ...(foreign.some(({ number }) => number > range.last)
      ? [
          `route-map ${map} has sequences after the reserved range: while a sequence is added, packets for the later ones are routed normally: for a moment, or until the rollback if the session is lost then`,
        ]
      : []),
  ];
}

function foreignSequences(map: string, { found }: PlanContext): FoundSequence[] {
  return found.sequences.filter((one) => one.map === map && redirectionOf(one, found) === undefined);
}

function isForEveryPacket({ accessLists, others }: FoundSequence): boolean {
  return accessLists.length === 0 && !others.some((line) => /^(match|continue)\b/.test(line));
}
