import fc from "fast-check";
import { CHECKS } from "../provider/join/preflight/checks";
import { preflight } from "../provider/join/preflight/preflight";
import { type PreflightReport, runChecks } from "../provider/join/preflight/report";
import { CAUSES } from "./preflight/causes";
import { healthyFacts } from "./preflight/healthy-facts";
import { HEALTHY_LABS } from "./preflight/healthy-labs";
import { LabPair } from "./preflight/lab-pair";
import { alarmsOf, isFound, runCause, runHealthyLab } from "./preflight/run-cause";

/*
 * What the preflight finds, what it alarms about without need, and what it costs: `npm run bench -- preflight`. With
 * `--json` the last line is the result as one object.
 */
const FACT_VARIANTS = 400;
const DELAYS = [0, 20, 100];
const RUNS_PER_DELAY = 5;

async function main(): Promise<void> {
  const shared = await LabPair.start();
  try {
    const found = await findCauses(shared);
    const { healthyVariants, falseAlarms } = await tryHealthyVariants();
    const { roundTrips, milliseconds } = await measure(shared);
    const result = { causes: CAUSES.length, found, healthyVariants, falseAlarms, roundTrips, milliseconds };
    console.log(`causes found: ${found} of ${CAUSES.length}`);
    console.log(`false alarms: ${falseAlarms} in ${healthyVariants} healthy variants`);
    console.log(`round trips: ${roundTrips.sps} to SPS, ${roundTrips.spp} to SPP, side by side`);
    if (process.argv.includes("--json")) console.log(JSON.stringify(result));
    if (found < CAUSES.length || falseAlarms > 0) process.exitCode = 1;
  } finally {
    await shared.stop();
  }
}

async function findCauses(shared: LabPair): Promise<number> {
  let found = 0;
  for (const cause of CAUSES) {
    const isHit = isFound(cause, await runCause(cause, shared));
    found += Number(isHit);
    console.log(`${isHit ? "found " : "MISSED"}  ${cause.check.padEnd(24)}  ${cause.name}`);
  }
  return found;
}

async function tryHealthyVariants(): Promise<{ healthyVariants: number; falseAlarms: number }> {
  let falseAlarms = 0;
  for (const { facts, dueWarnings } of fc.sample(healthyFacts, { numRuns: FACT_VARIANTS, seed: 1 })) {
    falseAlarms += count(alarmsOf(runChecks(CHECKS, facts), dueWarnings), "a variant of facts");
  }
  for (const lab of HEALTHY_LABS) {
    const { checks } = await runHealthyLab(lab);
    falseAlarms += count(alarmsOf(checks, lab.dueWarnings), lab.name);
  }
  return { healthyVariants: FACT_VARIANTS + HEALTHY_LABS.length, falseAlarms };
}

function count(alarms: string[], name: string): number {
  for (const alarm of alarms) console.log(`FALSE ALARM  ${name}: ${alarm}`);
  return alarms.length;
}

async function measure(pair: LabPair) {
  const milliseconds: Record<string, number> = {};
  let roundTrips: PreflightReport["roundTrips"] = { sps: 0, spp: 0 };
  for (const delay of DELAYS) {
    const traffics = [pair.central.sps.traffic, pair.spp.traffic];
    for (const traffic of traffics) {
      traffic.clearInjections();
      traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "delay", milliseconds: delay } });
    }
    const times: number[] = [];
    for (let run = 0; run < RUNS_PER_DELAY; run += 1) {
      const report = await preflight(pair.order());
      times.push(report.milliseconds);
      roundTrips = report.roundTrips;
    }
    for (const traffic of traffics) traffic.clearInjections();
    milliseconds[delay] = times.sort((left, right) => left - right)[Math.floor(RUNS_PER_DELAY / 2)] ?? 0;
    console.log(`with ${delay} ms per answer: ${milliseconds[delay]} ms (median of ${RUNS_PER_DELAY})`);
  }
  return { roundTrips, milliseconds };
}

void main();
