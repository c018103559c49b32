import { watchStarvation } from "../lab/starvation";
import { type Contender, PRODUCT } from "./contenders";
import { FAULTS, type Fault } from "./faults";
import { type LockoutRun, LockoutStage } from "./stage";

/** How often a run is tried until its fault strikes the changes on a machine that is fast enough. */
const ATTEMPTS = 12;

/** The options of a sweep. */
export interface Sweep {
  runs: number;
  routers: number;
  windowSeconds: number;
  seed: number;
  /** The only fault; all of them by default. */
  fault?: string;
  /** Default: the product. */
  contender?: Contender;
}

/** One run of a sweep. */
export interface SweepRun {
  run: LockoutRun;
  seed: number;
  attempts: number;
}

/** The result of a sweep. `runs` does not count runs whose fault missed the changes. */
export interface SweepSummary {
  runs: number;
  recovered: number;
  /** Runs whose fault missed in every attempt. */
  notInjected: number;
  windowSeconds: number;
  /** The longest time until control was back, or until the end of the watch. */
  worstSeconds: number;
  /** Runs in which no login succeeded. Other runs that did not recover were late or left half of the changes. */
  lockedOut: number;
  foreignRulesLost: number;
  /** Runs in which the redirection had to persist. */
  persistRuns: number;
  /** Runs after which a restart would restore half of the confirmed state, or another one. */
  wrongAfterRestart: number;
}

/** Takes the faults in turn, so that each is as frequent; for the product with and without `persist`. */
function faultOf(run: number, contender: Contender, only?: string): { fault: Fault; persist: boolean } {
  const faults = FAULTS.filter(
    ({ name, isOfProduct }) => (contender === PRODUCT || !isOfProduct) && (only === undefined || name === only),
  );
  const fault = faults[run % faults.length];
  if (!fault) throw new Error(`there is no fault ${only}; there are: ${FAULTS.map(({ name }) => name).join(", ")}`);
  const turn = (run % faults.length) + Math.floor(run / faults.length);
  return { fault, persist: contender === PRODUCT && (fault.isOfPersistence === true || turn % 2 === 1) };
}

/**
 * Runs `runs` faults on several routers in parallel. Repeats a run whose fault missed, and a late one while the hypervisor
 * took processor time: the commit window goes on then, and the router does not.
 */
export async function sweep(options: Sweep, each: (run: SweepRun) => void = () => undefined): Promise<LockoutRun[]> {
  const { contender = PRODUCT, windowSeconds } = options;
  const results: LockoutRun[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: options.routers }, async (_, index) => {
      const stage = await LockoutStage.open(`lockout-${process.pid}-${index}`, contender, windowSeconds);
      try {
        for (let run = next++; run < options.runs; run = next++) {
          const seed = options.seed + run;
          const random = randomFrom(seed);
          const { fault, persist } = faultOf(run, contender, options.fault);
          let result: LockoutRun;
          let isRepeated: boolean;
          let attempt = 0;
          do {
            const isStarved = watchStarvation();
            result = await stage.run(fault, random, persist);
            const isLateAlone = isSound({ ...result, isRecovered: true }) && !isSound(result);
            isRepeated = isSound(result) ? !result.isInjected : isLateAlone && isStarved();
            attempt += 1;
          } while (isRepeated && attempt < ATTEMPTS);
          results.push(result);
          each({ run: result, seed, attempts: attempt });
        }
      } finally {
        await stage.close();
      }
    }),
  );
  return results;
}

/** A run as the JSON result keeps it: how to repeat it, and its log when something was wrong. */
export interface RunRecord extends Pick<LockoutRun, "fault" | "persist" | "phase" | "seconds" | "isInjected"> {
  /** Seed of its random numbers: `--runs 1 --seed N --fault NAME` repeats it. */
  seed: number;
  /** How often it was tried. */
  attempts: number;
  reason?: string;
  log?: readonly string[];
}

/** The record of a run. */
export function recordOf({ run, seed, attempts }: SweepRun): RunRecord {
  const { fault, persist, phase, isInjected, reason, log } = run;
  const seconds = Number(run.seconds.toFixed(2));
  return { fault, seed, persist, attempts, phase, isInjected, seconds, ...(!isSound(run) && { reason, log }) };
}

/** Counts the results. */
export function summaryOf(results: readonly LockoutRun[], windowSeconds: number): SweepSummary {
  const counted = results.filter((run) => run.isInjected || !isSound(run));
  return {
    runs: counted.length,
    recovered: counted.filter((run) => run.isRecovered).length,
    notInjected: results.length - counted.length,
    windowSeconds,
    worstSeconds: Number(Math.max(0, ...counted.map((run) => run.seconds)).toFixed(2)),
    lockedOut: counted.filter((run) => run.isLockedOut).length,
    foreignRulesLost: counted.filter((run) => run.areForeignRulesLost).length,
    persistRuns: counted.filter((run) => run.persist).length,
    wrongAfterRestart: counted.filter((run) => !run.isRestartRight).length,
  };
}

/** Whether nothing went wrong. A run with a problem counts even if its fault missed. */
export function isSound(run: LockoutRun): boolean {
  return run.isRecovered && !run.areForeignRulesLost && run.isRestartRight;
}

/** Pseudo-random numbers, the same for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 1) >>> 0;
    return state % Math.max(1, Math.floor(limit));
  };
}
