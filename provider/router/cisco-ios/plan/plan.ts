import { refusal } from "../../planning/refusal";
import type { CommandStep } from "../../terminal/steps";
import type { Leg, SequenceRange } from "../model/desired";
import type { Found, FoundAccessList, FoundSequence } from "../model/found";
import { accessListName, parseAccessListName, routeMapName } from "../model/names";
import { ownerRemarks } from "../model/owner-remarks";
import { type PlanContext, redirectionOf } from "./decision";
import { extendedMap, isInRange } from "./extension";
import { clausesOf, wantedClauses } from "./lines";
import {
  attach,
  createAccessList,
  createSequence,
  detach,
  removeAccessList,
  removeSequences,
  replaceMap,
} from "./steps";
import { planWatches } from "./watches";

/** The distance between sequences of a route-map, and the highest number. */
const SEQUENCE_STEP = 10;
const LAST_SEQUENCE = 65_535;

/** A sequence that the router has or gets. */
interface PlannedSequence {
  map: string;
  number: number;
}

/**
 * The changes to the wanted state, in an order in which no packet of a redirection that stays goes direct: the new
 * access list and the new sequence are complete before the old ones go. A new sequence is always the last one of its
 * map, because one without `match` yet applies to all packets that reach it.
 * @throws SafeguardError SG3209 when a route-map has no number left, SG3211 when all numbers of watches are taken
 */
export function planChanges(context: PlanContext): CommandStep[] {
  const { found, legs, owned, handTyped, wanted } = context;
  const isReplaced = (policy: string) => handTyped.some(({ map }) => map === policy);
  const create: CommandStep[] = [];
  const kept = { lists: new Set<string>(), sequences: new Set<FoundSequence>() };
  const planned: PlannedSequence[] = [...found.sequences];
  const watches = planWatches(legs, found, owned, context.object);
  create.push(...watches.create);
  const attached = new Map<string, CommandStep>();
  for (const leg of legs) {
    const list = accessListFor(leg, context);
    kept.lists.add(list.name);
    if (list.step) create.push(list.step);
    const track = watches.numbers.get(leg.redirection.name);
    const done = new Set<string>();
    for (const name of leg.interfaces) {
      const policy = found.interfaces.get(name)?.policy;
      const map = policy === undefined || isReplaced(policy) ? routeMapName(name) : policy;
      if (policy === undefined) attached.set(name, attach(name, map));
      else if (policy !== map) attached.set(name, replaceMap(name, policy, map));
      // Interfaces may share a route-map that is extended.
      if (done.has(map)) continue;
      done.add(map);
      const range = extendedMap(name, context) === undefined ? undefined : wanted.extend;
      const sequence = found.sequences.find(
        (one) =>
          one.map === map &&
          (!range || isInRange(one, range)) &&
          isFor(one, { leg, accessList: list.name, track }, found),
      );
      if (sequence) {
        kept.sequences.add(sequence);
        continue;
      }
      const number = nextNumber(map, planned, range, context.object);
      planned.push({ map, number });
      create.push(createSequence(map, number, wantedClauses(leg, list.name, track)));
    }
  }
  const gone = found.sequences.filter((one) => owned.has(redirectionOf(one) ?? "") && !kept.sequences.has(one));
  const remaining = new Set(planned.filter((one) => !gone.some((other) => other === one)).map(({ map }) => map));
  // Route-maps of others stay on their interfaces, even without a sequence.
  const isOwn = (map: string) => [...found.interfaces.keys()].some((name) => routeMapName(name) === map);
  const emptied = [...new Set(gone.map(({ map }) => map))].filter((map) => isOwn(map) && !remaining.has(map));
  const lists = [...found.accessLists.values()].filter(
    ({ name }) => owned.has(parseAccessListName(name)?.redirection ?? "") && !kept.lists.has(name),
  );
  return [
    ...create,
    ...attached.values(),
    ...[...found.interfaces.values()].flatMap(({ name, policy }) =>
      policy !== undefined && emptied.includes(policy) ? [detach(name, policy)] : [],
    ),
    ...removeSequences(gone, emptied),
    ...handTyped.flatMap(({ map, sequences }) => removeSequences(sequences, [map])),
    ...watches.remove,
    ...[...lists, ...handTyped.flatMap(({ accessLists }) => accessLists)].map(removeAccessList),
  ];
}

/** The access list of a leg: the one that is right already, or a new generation beside the old ones. */
function accessListFor(leg: Leg, { found, wanted, owned }: PlanContext): { name: string; step?: CommandStep } {
  const { redirection, direction, entries } = leg;
  const remarks = wanted.owner ? ownerRemarks(wanted.owner) : [];
  const isOfLeg = (name: string) => {
    const parts = parseAccessListName(name);
    return parts?.redirection === redirection.name && parts.direction === direction;
  };
  const isRight = (list: FoundAccessList) =>
    list.entries.join("\n") === entries.join("\n") && list.remarks.join("\n") === remarks.join("\n");
  const right = [...found.accessLists.values()].find((list) => isOfLeg(list.name) && isRight(list));
  if (right && owned.has(redirection.name)) return { name: right.name };
  // A sequence may refer to a list that no longer exists.
  const used = new Set([...found.accessLists.keys(), ...found.sequences.flatMap(({ accessLists }) => accessLists)]);
  let generation = 1;
  const nameOf = () => accessListName({ redirection: redirection.name, direction, generation });
  while (used.has(nameOf())) generation += 1;
  return { name: nameOf(), step: createAccessList(nameOf(), remarks, entries) };
}

/** What a sequence is made from. */
interface SequenceParts {
  leg: Leg;
  accessList: string;
  /** The number of the object that watches SPS. */
  track: number | undefined;
}

function isFor(sequence: FoundSequence, { leg, accessList, track }: SequenceParts, found: Found): boolean {
  const [only, ...more] = sequence.accessLists;
  const isSameTrack = sequence.verifiedHops.every((hop) => hop.track === track);
  const isSame = clausesOf(sequence, found).join() === wantedClauses(leg).join();
  return only === accessList && more.length === 0 && isSameTrack && isSame;
}

/** After all others of an own route-map, or of the reserved range of an extended one. */
function nextNumber(
  map: string,
  planned: readonly PlannedSequence[],
  range: SequenceRange | undefined,
  object: string,
): number {
  const numbers = planned
    .filter((one) => one.map === map && (!range || isInRange(one, range)))
    .map(({ number }) => number);
  const number = range ? Math.max(range.first - 1, ...numbers) + 1 : Math.max(0, ...numbers) + SEQUENCE_STEP;
  if (number <= (range?.last ?? LAST_SEQUENCE)) return number;
  const cause = `the last ${range ? "reserved " : ""}sequence of route-map ${map} has number ${Math.max(...numbers)}`;
  throw refusal("SG3209", object, cause, range && "raise ciscoIos.extend.lastSequence");
}
