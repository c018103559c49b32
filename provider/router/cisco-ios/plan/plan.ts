import { refusal } from "../../planning/refusal";
import type { CommandStep } from "../../terminal/steps";
import type { Leg, SequenceRange } from "../model/desired";
import type { FoundAccessList, FoundSequence } from "../model/found";
import { accessListName, parseAccessListName } from "../model/names";
import { ownerRemarks } from "../model/owner-remarks";
import type { PlanContext } from "./decision";
import { extendedMap, isInRange, sequenceFor } from "./extension";
import { type SequenceParts, singleClauses, wantedClauses } from "./lines";
import { isOwnMap, ownMapName, redirectionOf } from "./sequences";
import {
  addClauses,
  attach,
  createAccessList,
  createSequence,
  detach,
  removeAccessList,
  removeClauses,
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

/** What brings a router to the wanted state. */
export interface PlannedChanges {
  /** Made and confirmed as one. */
  changes: CommandStep[];
  /** Removes unused watches after the confirmation: after a rollback, a removed one would first count as down. */
  cleanup: CommandStep[];
}

/**
 * The changes to the wanted state, in an order in which no packet of a redirection that stays goes direct: sequences are
 * changed in place, and new parts are complete before old ones go. A new sequence is the last one of redirections in its
 * map, because one without `match` yet applies to all packets that reach it.
 * @throws SafeguardError SG3209 when a route-map has no number left, SG3211 when all numbers of watches are taken
 */
export function planChanges(context: PlanContext): PlannedChanges {
  const { found, legs, owned, handTyped, wanted } = context;
  const isReplaced = (policy: string) => handTyped.some(({ map }) => map === policy);
  const kept = { lists: new Set<string>(), sequences: new Set<FoundSequence>() };
  const planned: PlannedSequence[] = [...found.sequences];
  const watches = planWatches(legs, context);
  const create = [...watches.create];
  const removed: CommandStep[] = [];
  const attached = new Map<string, CommandStep>();
  for (const leg of legs) {
    const list = accessListFor(leg, context);
    kept.lists.add(list.name);
    if (list.step) create.push(list.step);
    const track = leg.watch && watches.numbers.get(leg.watch.spsAddress);
    const parts = { leg, accessList: list.name, track };
    const done = new Set<string>();
    for (const name of leg.interfaces) {
      const policy = found.interfaces.get(name)?.policy;
      const map = policy === undefined || isReplaced(policy) ? ownMapName(name, found) : policy;
      if (policy === undefined) attached.set(name, attach(name, map));
      else if (policy !== map) attached.set(name, replaceMap(name, policy, map));
      // Interfaces may share a route-map that is extended.
      if (done.has(map)) continue;
      done.add(map);
      const sequence = sequenceFor(leg, map, context);
      if (sequence && sequence.action === "permit" && sequence.others.length === 0) {
        kept.sequences.add(sequence);
        const { add, remove } = clauseChanges(sequence, parts);
        if (add.length > 0) create.push(addClauses(sequence, add));
        if (remove.length > 0) removed.push(removeClauses(sequence, remove));
        continue;
      }
      const range = extendedMap(name, context) === undefined ? undefined : wanted.extend;
      const number = nextNumber(map, planned, range, context);
      planned.push({ map, number });
      create.push(createSequence(map, number, wantedClauses(parts)));
    }
  }
  const gone = found.sequences.filter((one) => owned.has(redirectionOf(one, found) ?? "") && !kept.sequences.has(one));
  const remaining = new Set(planned.filter((one) => !gone.some((other) => other === one)).map(({ map }) => map));
  // Route-maps of others stay on their interfaces, even without a sequence.
  const emptied = [...new Set(gone.map(({ map }) => map))].filter((map) => isOwnMap(map, found) && !remaining.has(map));
  const lists = [...found.accessLists.values()].filter(
    ({ name }) => owned.has(parseAccessListName(name)?.redirection ?? "") && !kept.lists.has(name),
  );
  const changes = [
    ...create,
    ...attached.values(),
    ...[...found.interfaces.values()].flatMap(({ name, policy }) =>
      policy !== undefined && emptied.includes(policy) ? [detach(name, policy)] : [],
    ),
    ...removed,
    ...removeSequences(gone, emptied),
    ...handTyped.flatMap(({ map, sequences }) => removeSequences(sequences, [map])),
    ...[...lists, ...handTyped.flatMap(({ accessLists }) => accessLists)].map(removeAccessList),
  ];
  return { changes, cleanup: watches.remove };
}

/** Whether nothing is left to change. */
export function isInSync(context: PlanContext): boolean {
  const { changes, cleanup } = planChanges(context);
  return changes.length + cleanup.length === 0;
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

/** The clauses that a sequence lacks, and those that it has too many. */
function clauseChanges(sequence: FoundSequence, parts: SequenceParts): { add: string[]; remove: string[] } {
  const { verifiedHops } = sequence;
  const { track, leg } = parts;
  const same = verifiedHops.find((hop) => hop.track === track && hop.address === leg.redirection.spsAddress);
  // A number stands for one next hop, and the old one serves until the new one is there.
  const free = [10, 20, 30].find((order) => verifiedHops.every((hop) => hop.order !== order));
  const wanted = wantedClauses(parts, same?.order ?? free);
  const now = singleClauses(sequence);
  return {
    add: wanted.filter((clause) => !now.includes(clause)),
    remove: now.filter((clause) => !wanted.includes(clause)),
  };
}

/** After all others of an own route-map, or after the redirections in the reserved range of an extended one. */
function nextNumber(
  map: string,
  planned: readonly PlannedSequence[],
  range: SequenceRange | undefined,
  { object }: PlanContext,
): number {
  const numbers = planned
    .filter((one) => one.map === map && (!range || isInRange(one, range)))
    .map(({ number }) => number);
  const number = range ? Math.max(range.first - 1, ...numbers) + 1 : Math.max(0, ...numbers) + SEQUENCE_STEP;
  if (number <= (range?.last ?? LAST_SEQUENCE)) return number;
  const cause = `the last ${range ? "reserved " : ""}sequence of route-map ${map} has number ${Math.max(...numbers)}`;
  throw refusal("SG3209", object, cause, range && "raise ciscoIos.extend.lastSequence");
}
