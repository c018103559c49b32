import { numberAfter } from "./common/options";
import { runFixedSleep, type SleepRun } from "./join/fixed-sleep";
import { type JoinRun, runJoin, SPEED } from "./join/one-join";
import { measurePreflight } from "./preflight/cost";
import { LabPair } from "./preflight/lab-pair";

/*
 * Measures how soon a join is reported after both sides are done, its requests, and what fixed sleeps would do instead:
 * `npm run bench -- join`. With `--json` the last line is the result as one object; `--runs N` sets the runs per join time.
 * The appliances run faster than the wall clock. Detection is measured by the wall clock, without that factor.
 */
const JOIN_SECONDS = [2, 8, 20, 45, 70, 200];
const RUNS = numberAfter("--runs", 17);
const SLEEP_RUNS = 2;

async function main(): Promise<void> {
  const runs: JoinRun[] = [];
  const sleeps: SleepRun[] = [];
  for (const seconds of JOIN_SECONDS) {
    const joins: JoinRun[] = [];
    for (let run = 0; run < RUNS; run += 1) joins.push(await runJoin(seconds));
    const fixed: SleepRun[] = [];
    for (let run = 0; run < SLEEP_RUNS; run += 1) fixed.push(await runFixedSleep(seconds));
    runs.push(...joins);
    sleeps.push(...fixed);
    console.log(`a join of ${String(seconds).padStart(3)} s: ${lineOf(joins)}; a fixed sleep: ${sleepOf(fixed)}`);
  }
  const pair = await LabPair.start();
  const preflight = await measurePreflight(pair).finally(() => pair.stop());
  const result = {
    detectionMilliseconds: spreadOf(runs),
    earlyReports: runs.filter(({ isEarly }) => isEarly).length,
    runs: runs.length,
    speed: SPEED,
    preflightRequests: preflight.requests,
    preflightMilliseconds: preflight.milliseconds,
    requests: requestsOf(runs),
    fixedSleeps: {
      early: sleeps.filter(({ isEarly }) => isEarly).length,
      runs: sleeps.length,
      lateSeconds: round(Math.max(...sleeps.map(({ lateSeconds }) => lateSeconds))),
    },
  };
  const { median, p99 } = result.detectionMilliseconds;
  console.log(`${runs.length} joins: reported ${median} ms (median), ${p99} ms (99th percentile) after they were done`);
  console.log(
    `reported before they were done: ${result.earlyReports}; with fixed sleeps: ${result.fixedSleeps.early} of ${sleeps.length}`,
  );
  console.log(`requests by phase (median): ${JSON.stringify(result.requests)}`);
  if (process.argv.includes("--json")) console.log(JSON.stringify(result));
  if (result.earlyReports > 0 || median > 600 || p99 > 2000) process.exitCode = 1;
}

function lineOf(runs: JoinRun[]): string {
  const { median, p99 } = spreadOf(runs);
  return `reported ${median} ms (median), ${p99} ms (99th percentile) after it was done`;
}

function sleepOf(runs: SleepRun[]): string {
  return runs.map(({ isEarly, lateSeconds }) => (isEarly ? "too early" : `${round(lateSeconds)} s late`)).join(", ");
}

function spreadOf(runs: readonly JoinRun[]) {
  const times = runs.map(({ detectionMilliseconds }) => detectionMilliseconds).sort((left, right) => left - right);
  const at = (share: number) => round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { median: at(0.5), p99: at(0.99) };
}

/** Median of the requests of each phase. */
function requestsOf(runs: readonly JoinRun[]): Record<string, number> {
  const phases = [...new Set(runs.flatMap(({ requests }) => Object.keys(requests)))];
  const medianOf = (phase: string) => {
    const counts = runs.map(({ requests }) => requests[phase] ?? 0).sort((left, right) => left - right);
    return counts[Math.floor(counts.length / 2)] ?? 0;
  };
  return Object.fromEntries(phases.map((phase) => [phase, medianOf(phase)]));
}

const round = (value: number) => Math.round(value * 10) / 10;

void main();
