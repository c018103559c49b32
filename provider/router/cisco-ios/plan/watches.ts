import { refusal } from "../../planning/refusal";
import type { CommandStep } from "../../terminal/steps";
import type { Leg } from "../model/desired";
import type { Found, FoundOperation, FoundTrack } from "../model/found";
import { delayLines, SCHEDULE, WATCH_NUMBERS, type Watch, watchedRedirection } from "../model/watch";

/** How long an object may take to come up, in seconds: two probes, because ARP may cost the first one; at most 20. */
const upLimitSeconds = ({ intervalSeconds }: Watch): number => Math.min(2 * intervalSeconds + 3, 20);

/** A watch of a redirection on the router: an operation with its tag, and the object of the same number. */
export interface FoundWatch {
  redirection: string;
  operation: FoundOperation;
  track?: FoundTrack | undefined;
}

/** What a change does with watches. */
export interface PlannedWatches {
  /** The number of the watch of each redirection that has one. */
  numbers: ReadonlyMap<string, number>;
  create: CommandStep[];
  remove: CommandStep[];
}

/** The watches of redirections, in the reserved numbers. */
export function watchesOf({ operations, tracks }: Found): FoundWatch[] {
  return operations.flatMap((operation) => {
    const { number, tag } = operation;
    const redirection = watchedRedirection(tag);
    const isReserved = number >= WATCH_NUMBERS.first && number <= WATCH_NUMBERS.last;
    if (redirection === undefined || !isReserved) return [];
    return [{ redirection, operation, track: tracks.find((one) => one.number === number) }];
  });
}

/** The tag of the watch that has an object of this number; undefined for objects of others. */
export function tagOfTrack(number: number, found: Found): string | undefined {
  return watchesOf(found).find(({ operation }) => operation.number === number)?.operation.tag;
}

/**
 * Watches are never changed, because a running operation cannot be: a new one comes up under a free number before a
 * sequence uses it, and the old one goes last.
 * @throws SafeguardError SG3211 when no reserved number is free
 */
export function planWatches(
  legs: readonly Leg[],
  found: Found,
  owned: ReadonlySet<string>,
  object: string,
): PlannedWatches {
  const ours = watchesOf(found);
  const used = new Set([...found.operations, ...found.tracks].map(({ number }) => number));
  const numbers = new Map<string, number>();
  const create: CommandStep[] = [];
  for (const { redirection, watch } of legs) {
    const { name } = redirection;
    if (!watch || numbers.has(name)) continue;
    const right = ours.find((one) => one.redirection === name && owned.has(name) && isRight(one, watch));
    const number = right?.operation.number ?? freeNumber(used, object);
    used.add(number);
    numbers.set(name, number);
    if (!right) create.push(...createWatch(number, watch));
  }
  const gone = ours.filter(
    ({ redirection, operation }) => owned.has(redirection) && numbers.get(redirection) !== operation.number,
  );
  return { numbers, create, remove: gone.flatMap(removeWatch) };
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

function freeNumber(used: ReadonlySet<number>, object: string): number {
  const { first, last } = WATCH_NUMBERS;
  for (let number = first; number <= last; number += 1) if (!used.has(number)) return number;
  const cause = `the numbers ${first} to ${last} of \`ip sla\` and \`track\` are all in use`;
  throw refusal("SG3211", object, cause);
}

const followed = (number: number): string => `ip sla ${number} reachability`;

function createWatch(number: number, watch: Watch): CommandStep[] {
  const { spsAddress, operation, delaySeconds } = watch;
  const enterTrack = `track ${number} ${followed(number)}`;
  const delay = delayLines(delaySeconds);
  return [
    {
      title: `watch SPS ${spsAddress} with ip sla ${number}: ${operation[0]}`,
      commands: [`ip sla ${number}`, ...operation, "exit", `ip sla schedule ${number} ${SCHEDULE}`],
      undo: [`no ip sla ${number}`],
    },
    {
      title: `follow ip sla ${number} with track ${number}`,
      commands: [enterTrack, "exit"],
      undo: [`no track ${number}`],
      // A sequence that uses the object while it is down would not send packets to SPS.
      awaits: {
        title: `track ${number} of SPS ${spsAddress} to come up`,
        command: `do show track ${number}`,
        output: /^ +Reachability is Up/m,
        limitSeconds: upLimitSeconds(watch),
      },
    },
    // Entered only now, because a delay also holds back the first change.
    ...(delay.length === 0
      ? []
      : [
          {
            title: `let changes of track ${number} count after ${delaySeconds} s`,
            commands: [enterTrack, ...delay, "exit"],
            undo: [],
          },
        ]),
  ];
}

function removeWatch({ operation: { number, lines, schedule }, track }: FoundWatch): CommandStep[] {
  return [
    ...(track
      ? [{ title: `remove track ${number}`, commands: [`no track ${number}`], undo: [...track.lines, "exit"] }]
      : []),
    {
      title: `remove ip sla ${number}`,
      commands: [`no ip sla ${number}`],
      undo: [
        `ip sla ${number}`,
        ...lines,
        "exit",
        ...(schedule === undefined ? [] : [`ip sla schedule ${number} ${schedule}`]),
      ],
    },
  ];
}
