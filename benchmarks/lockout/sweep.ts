import { watchStarvation } from "../lab/starvation";
import { type Contender, PRODUCT } from "./contenders";
import { FAULTS, type Fault } from "./faults";
import { type LockoutRun, LockoutStage } from "./stage";

/** How often a run is tried until its fault has met the changes, and the machine did not stand still meanwhile. */
const ATTEMPTS = 12;

/** What to sweep. */
export interface Sweep {
  runs: number;
  routers: number;
  windowSeconds: number;
  seed: number;
  /** The product, unless another is named. */
  contender?: Contender;
}

/** What a sweep came to. Runs whose fault never met the changes are none of `runs`. */
export interface SweepSummary {
  runs: number;
  recovered: number;
  /** Runs that were tried so often in vain. */
  notInjected: number;
  windowSeconds: number;
  /** Until control was seen to be back; runs in which it never was count as long as they were watched. */
  worstSeconds: number;
  /** Runs that did not recover because nobody could log in; the others that did not were left half changed, or late. */
  lockedOut: number;
  foreignRulesLost: number;
  /** Runs in which the redirection had to outlive restarts. */
  persistRuns: number;
  /** Runs after which a restart would have brought back something else than the confirmed state, or half of it. */
  wrongAfterRestart: number;
}

/** The faults in turn, so that each comes up equally often; for the product with what outlives restarts and without. */
function faultOf(run: number, contender: Contender): { fault: Fault; persist: boolean } {
  const faults = FAULTS.filter(({ isOfProduct }) => contender === PRODUCT || !isOfProduct);
  const fault = faults[run % faults.length];
  if (!fault) throw new Error("there is no fault");
  const turn = (run % faults.length) + Math.floor(run / faults.length);
  return { fault, persist: contender === PRODUCT && (fault.isOfPersistence === true || turn % 2 === 1) };
}

/**
 * Runs `runs` faults over so many routers side by side. A run whose fault missed is repeated, and so is one that came
 * too late while the machine itself stood still: the seconds of the window go on then, and the router does not.
 */
export async function sweep(options: Sweep, each: (run: LockoutRun) => void = () => undefined): Promise<LockoutRun[]> {
  const { contender = PRODUCT, windowSeconds } = options;
  const results: LockoutRun[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: options.routers }, async (_, index) => {
      const stage = await LockoutStage.open(`lockout-${process.pid}-${index}`, contender, windowSeconds);
      try {
        for (let run = next++; run < options.runs; run = next++) {
          const random = randomFrom(options.seed + run);
          const { fault, persist } = faultOf(run, contender);
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
          each(result);
        }
      } finally {
        await stage.close();
      }
    }),
  );
  return results;
}

/** Counts what came out. */
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

/** A run that went wrong counts, whether its fault met the changes or not. */
export function isSound(run: LockoutRun): boolean {
  return run.isRecovered && !run.areForeignRulesLost && run.isRestartRight;
}

/** Numbers that look random and are the same for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 1) >>> 0;
    return state % Math.max(1, Math.floor(limit));
  };
}
