import { refusal } from "../../planning/refusal";
import type { Awaited, CommandStep } from "../../terminal/steps";
import type { Leg } from "../model/desired";
import type { Found, FoundOperation, FoundTrack } from "../model/found";
import { delayLines, SCHEDULE, taggedOwner, WATCH_NUMBERS, type Watch } from "../model/watch";
import { redirectionOf } from "./sequences";

/** How long an object may take to come up, in seconds: two probes, because the first one may get lost. */
const upLimitSeconds = ({ intervalSeconds }: Watch): number => 2 * intervalSeconds + 3;

/** A watch of SPS on the router: an operation with the tag of a resource, and the object of the same number. */
export interface FoundWatch {
  ownerId: string;
  spsAddress: string;
  operation: FoundOperation;
  track?: FoundTrack | undefined;
}

/** What a change does with watches. */
export interface PlannedWatches {
  /** The number of the watch of each watched SPS, by address. */
  numbers: ReadonlyMap<string, number>;
  create: CommandStep[];
  /** Removes the watches that no sequence uses after the change. */
  remove: CommandStep[];
}

/** The watches of all resources, in the reserved numbers. */
export function watchesOf({ operations, tracks }: Found): FoundWatch[] {
  return operations.flatMap((operation) => {
    const { number, tag, lines } = operation;
    const ownerId = taggedOwner(tag);
    const spsAddress = lines.flatMap((line) => /^(?:icmp-echo|tcp-connect) (\S+)/.exec(line)?.[1] ?? [])[0];
    const isReserved = number >= WATCH_NUMBERS.first && number <= WATCH_NUMBERS.last;
    if (ownerId === undefined || spsAddress === undefined || !isReserved) return [];
    return [{ ownerId, spsAddress, operation, track: tracks.find((one) => one.number === number) }];
  });
}

/** Whether a sequence of a redirection uses the object of this number. */
export function isWatching(redirection: string, number: number, found: Found): boolean {
  return found.sequences.some(
    (one) => redirectionOf(one, found) === redirection && one.verifiedHops.some(({ track }) => track === number),
  );
}

/** The watch of an SPS that decides about the traffic of a redirection. */
export function watchFor(redirection: string, spsAddress: string, found: Found): FoundWatch | undefined {
  return watchesOf(found).find(
    (one) => one.spsAddress === spsAddress && isWatching(redirection, one.operation.number, found),
  );
}

/** What decides about watches besides the wanted legs. */
interface WatchOwnership {
  found: Found;
  object: string;
  owned: ReadonlySet<string>;
  ownerIds: ReadonlySet<string>;
}

/**
 * Watches are never changed, because a running operation cannot be: a new one comes up under a free number before a
 * sequence uses it. All that are new come up together, because they share the commit window.
 * @throws SafeguardError SG3211 when no reserved number is free
 */
export function planWatches(legs: readonly Leg[], ownership: WatchOwnership): PlannedWatches {
  const { found, object, owned, ownerIds } = ownership;
  const ours = watchesOf(found).filter(({ ownerId }) => ownerIds.has(ownerId));
  const used = usedNumbers(found);
  const numbers = new Map<string, number>();
  const made: { number: number; watch: Watch }[] = [];
  for (const watch of legs.flatMap((leg) => leg.watch ?? [])) {
    if (numbers.has(watch.spsAddress)) continue;
    const right = ours.find((one) => isRight(one, watch));
    const number = right?.operation.number ?? freeNumber(used, object);
    used.add(number);
    numbers.set(watch.spsAddress, number);
    if (!right) made.push({ number, watch });
  }
  const outputs = made.map(({ number, watch }) => awaitedUp(number, watch, legs, ownership));
  const limitSeconds = Math.max(0, ...made.map(({ watch }) => upLimitSeconds(watch)));
  const started = made.flatMap(({ number, watch }) => startWatch(number, watch));
  const last = started.pop();
  const kept = new Set(numbers.values());
  const isUsedByOthers = (number: number) =>
    found.sequences.some(
      (one) => !owned.has(redirectionOf(one, found) ?? "") && one.verifiedHops.some(({ track }) => track === number),
    );
  const gone = ours.filter(({ operation: { number } }) => !kept.has(number) && !isUsedByOthers(number));
  return {
    numbers,
    create: [
      ...started,
      // A sequence that uses an object while it is down would not send packets to SPS.
      ...(last ? [{ ...last, awaits: { limitSeconds, outputs } }] : []),
      ...made.flatMap(({ number, watch }) => delayWatch(number, watch)),
    ],
    remove: gone.flatMap(removeWatch),
  };
}

/**
 * What shows that a new object is up. A live redirection needs that, unless the watch that it has shows that its SPS is silent:
 * on an object that is down, its traffic would go direct or be dropped.
 */
function awaitedUp(number: number, watch: Watch, legs: readonly Leg[], { found, owned }: WatchOwnership): Awaited {
  const { spsAddress, operation } = watch;
  const names = new Set(
    legs.filter((leg) => leg.watch?.spsAddress === spsAddress).map(({ redirection }) => redirection.name),
  );
  const live = found.sequences
    .map((one) => ({ ...one, redirection: redirectionOf(one, found) ?? "" }))
    .filter(({ redirection }) => owned.has(redirection) && names.has(redirection));
  const [old] = live.flatMap(({ redirection }) => watchFor(redirection, spsAddress, found) ?? []);
  const probe = (operation[0] ?? "").replace(` ${spsAddress}`, "").replace(" control disable", "");
  return {
    title: `track ${number} of SPS ${spsAddress} to come up`,
    command: `do show track ${number}`,
    output: /^ +Reachability is Up\b/m,
    missed: (seconds) =>
      `track ${number} did not come up in ${seconds} s: SPS ${spsAddress} does not answer ${probe}; check watchdog.port and firewalls in between`,
    isRequired: live.length > 0,
    ...(old && {
      excuse: { command: `do show track ${old.operation.number}`, output: /^ +Reachability is Down\b/m },
    }),
  };
}

function isRight({ operation, track }: FoundWatch, watch: Watch): boolean {
  const { number, lines, schedule } = operation;
  const sorted = (all: readonly string[]) => [...all].sort().join("\n");
  return (
    sorted(lines) === sorted(watch.operation) &&
    schedule === SCHEDULE &&
    track?.follows === followed(number) &&
    track.lines.slice(1).join("\n") === delayLines(watch.delaySeconds).join("\n")
  );
}

/** The numbers of operations and objects, and those that other lines name: a new object would bring these to life. */
function usedNumbers({ operations, tracks, sequences, otherLines }: Found): Set<number> {
  const named = otherLines.flatMap((line) =>
    [...line.matchAll(/\btrack (\d+)\b|^ip sla (?:schedule |reaction-\S+ |group schedule )?(\d+)\b/g)].map(
      ([, track, operation]) => Number(track ?? operation),
    ),
  );
  const hops = sequences.flatMap(({ verifiedHops }) => verifiedHops.map(({ track }) => track));
  return new Set([...[...operations, ...tracks].map(({ number }) => number), ...hops, ...named]);
}

function freeNumber(used: ReadonlySet<number>, object: string): number {
  const { first, last } = WATCH_NUMBERS;
  for (let number = first; number <= last; number += 1) if (!used.has(number)) return number;
  const cause = `the numbers ${first} to ${last} of \`ip sla\` and \`track\` are all in use`;
  throw refusal("SG3211", object, cause);
}

const followed = (number: number): string => `ip sla ${number} reachability`;

function startWatch(number: number, { spsAddress, operation }: Watch): CommandStep[] {
  return [
    {
      title: `watch SPS ${spsAddress} with ip sla ${number}: ${operation[0]}`,
      commands: [`ip sla ${number}`, ...operation, "exit", `ip sla schedule ${number} ${SCHEDULE}`],
      undo: [`no ip sla ${number}`],
    },
    {
      title: `follow ip sla ${number} with track ${number}`,
      commands: [`track ${number} ${followed(number)}`, "exit"],
      undo: [`no track ${number}`],
    },
  ];
}

/** Entered only when the object is up, because a delay also holds back the first change. */
function delayWatch(number: number, { delaySeconds }: Watch): CommandStep[] {
  if (delaySeconds === 0) return [];
  const commands = [`track ${number} ${followed(number)}`, ...delayLines(delaySeconds), "exit"];
  return [{ title: `delay state changes of track ${number} by ${delaySeconds} s`, commands, undo: [] }];
}

function removeWatch({ operation: { number }, track }: FoundWatch): CommandStep[] {
  return [
    ...(track ? [{ title: `remove track ${number}`, commands: [`no track ${number}`], undo: [] }] : []),
    { title: `remove ip sla ${number}`, commands: [`no ip sla ${number}`], undo: [] },
  ];
}
