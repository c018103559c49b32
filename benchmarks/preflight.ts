import fc from "fast-check";
import { CHECKS } from "../provider/join/preflight/checks";
import { runChecks } from "../provider/join/preflight/report";
import { CAUSES } from "./preflight/causes";
import { measurePreflight } from "./preflight/cost";
import { healthyFacts } from "./preflight/healthy-facts";
import { HEALTHY_LABS } from "./preflight/healthy-labs";
import { LabPair } from "./preflight/lab-pair";
import { alarmsOf, isFound, runCause, runHealthyLab } from "./preflight/run-cause";

/*
 * What the preflight finds, what it alarms about without need, and what it costs: `npm run bench -- preflight`. With
 * `--json` the last line is the result as one object.
 */
const FACT_VARIANTS = 400;

async function main(): Promise<void> {
  const shared = await LabPair.start();
  try {
    const found = await findCauses(shared);
    const { healthyVariants, falseAlarms } = await tryHealthyVariants();
    const { requests, milliseconds } = await measurePreflight(shared);
    const result = { causes: CAUSES.length, found, healthyVariants, falseAlarms, requests, milliseconds };
    console.log(`causes found: ${found} of ${CAUSES.length}`);
    console.log(`false alarms: ${falseAlarms} in ${healthyVariants} healthy variants`);
    console.log(`requests: ${requests.sps} to SPS, ${requests.spp} to SPP`);
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

void main();
