import { availableParallelism } from "node:os";
import { BACKENDS } from "../provider/router/linux/model/backend-names";
import { numberAfter, textAfter } from "./common/options";
import { runBatches } from "./roundtrip/pool";
import type { Batch, BatchResult, Subject } from "./roundtrip/worker";

/*
 * Checks that the rules read back equal the rules applied, for generated redirections and every backend on a simulated
 * router: `npm run bench -- roundtrip [--platform linux] [--runs N] [--seed N] [--json]`, N cases in total, in one process
 * per processor. A difference ends it with the smallest case. With `--platform cisco-ios`, `check-point` or `sophos-utm`, half
 * of the cases change an emulated router from one wanted state to another beside foreign lines and back to the beginning, byte
 * for byte; the others undo a change at any command (Cisco, Check Point) or watch every part of the traffic during it (Sophos
 * UTM).
 */
const SUBJECTS: Readonly<Record<string, readonly Subject[]>> = {
  linux: BACKENDS,
  "cisco-ios": ["cisco-ios"],
  "sophos-utm": ["sophos-utm"],
  "check-point": ["check-point"],
};
const BATCH = 500;

async function main(): Promise<void> {
  const runs = numberAfter("--runs", 100_000);
  const seed = numberAfter("--seed", Date.now() % 1_000_000_000);
  const platform = textAfter("--platform") ?? "linux";
  const subjects = SUBJECTS[platform];
  if (!subjects)
    throw new Error(
      `Invalid value for --platform: ${platform}. Allowed values are: ${Object.keys(SUBJECTS).join(", ")}.`,
    );
  const processes = availableParallelism();
  const started = performance.now();
  const batches = batchesOf(subjects, runs, seed);
  console.log(`${runs} cases in ${processes} processes, seed ${seed}`);
  const backends = Object.fromEntries(subjects.map((backend) => [backend, { runs: 0, processorSeconds: 0 }]));
  const differences: BatchResult[] = [];
  let done = 0;
  await runBatches(batches, processes, (result) => {
    const { batch, seconds, difference } = result;
    const sum = backends[batch.subject];
    if (difference !== undefined) differences.push(result);
    else if (sum) {
      sum.runs += batch.runs;
      sum.processorSeconds = Number((sum.processorSeconds + seconds).toFixed(1));
    }
    done += 1;
    if (done % 20 === 0) console.log(`${done} of ${batches.length} batches, ${elapsed(started)} s`);
  });
  for (const [backend, sum] of Object.entries(backends)) {
    console.log(`${backend}: ${sum.runs} cases without a difference, ${sum.processorSeconds} s of processor time`);
  }
  for (const { batch, difference } of differences) console.log(`${batch.subject}, seed ${batch.seed}: ${difference}`);
  const counted = Object.values(backends).reduce((sum, one) => sum + one.runs, 0);
  const summary = { runs: counted, differences: differences.length, seconds: elapsed(started), processes, backends };
  if (process.argv.includes("--json")) console.log(JSON.stringify(summary));
  if (differences.length > 0) process.exitCode = 1;
}

/** All cases in batches. The batches take the subjects in turn, and each has its own seed. */
function batchesOf(subjects: readonly Subject[], runs: number, seed: number): Batch[] {
  const batches: Batch[] = [];
  for (let left = runs; left > 0; left -= BATCH) {
    const subject = subjects[batches.length % subjects.length] ?? BACKENDS[0];
    batches.push({ subject, runs: Math.min(BATCH, left), seed: (seed + batches.length) | 0 });
  }
  return batches;
}

function elapsed(started: number): number {
  return Number(((performance.now() - started) / 1000).toFixed(1));
}

void main();
