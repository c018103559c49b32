import { setTimeout as pause } from "node:timers/promises";
import { findRollout } from "../rollout/database/journal";
import { summaryOf } from "../rollout/report/summary";
import { RolloutBed } from "../rollout/testing/rollout-bed";
import { planFor } from "../rollout/testing/simulation";
import { numberAfter, textAfter } from "./common/options";
import { killSweep, WORKER } from "./rollout/kills";
import { labFarm } from "./rollout/lab-farm";
import { readingsOf } from "./rollout/reading";
import { speedOf } from "./rollout/speed";

/*
 * Rollouts that are killed: `npm run bench -- rollout [--kills N] [--sites N] [--database URL] [--json]`. At random moments SIGKILL ends one of
 * two workers, its process group, it with its CLIs, both, or the embedded database. The sites are a simulated farm that counts joins by itself.
 * The Pulumi CLI is a stub; what it stands for, `bench crash` and tests/engine prove. `handEdits` counts what helped a rollout beside
 * starting its workers again; the exit code is 1 when there is any. 60 kills take about 12 min on two cores that do other
 * work beside; 200 fit into 40 min.
 *
 * `--farm N` rolls out to N sites by the real Pulumi CLI, with the program of examples/many-sites: each site has an SPS of the lab and an emulated
 * Sophos UTM without a network, 15 sites share an SPP. There are a canary, a soak time, waves, an approval, a failure budget, broken sites
 * and a frozen one. Both workers and all of their processes are killed `--kills` times (default 1), each time during a join. The appliances
 * themselves count joins. The exit code is 1 after a second join at a site, two joins of one SPP at a time, a lock that is left, a hand
 * edit, or a wrong site.
 *
 * `--reading` measures plan, status and report of rollouts of 1,000, 2,000 and 5,000 sites, and the whole command `rollout status`.
 *
 * `--speed N` compares a rollout of N sites with a plain parallel shell loop, in one run; with `--pulumi` by Pulumi itself instead of the stub.
 *
 * `--scale N` instead measures a rollout of N sites whose step does nothing: time and memory of plan, queue and status.
 */

async function main(): Promise<void> {
  const database = textAfter("--database");
  const bed = await RolloutBed.start(database === undefined ? undefined : { url: database });
  try {
    const result = await measured(bed);
    console.log(process.argv.includes("--json") ? JSON.stringify(result) : result);
  } finally {
    await bed.stop();
  }
}

function measured(bed: RolloutBed): Promise<unknown> {
  if (process.argv.includes("--farm")) return labFarm(bed, numberAfter("--farm", 12, 6), numberAfter("--kills", 1, 0));
  if (process.argv.includes("--reading")) return readingsOf(bed, [1000, 2000, 5000]);
  if (process.argv.includes("--scale")) return scaleOf(bed, numberAfter("--scale", 1000));
  if (process.argv.includes("--speed")) {
    return speedOf(bed, numberAfter("--speed", 50, 4), process.argv.includes("--pulumi"));
  }
  return killSweep(bed, numberAfter("--kills", 12), numberAfter("--sites", 20));
}

async function scaleOf(bed: RolloutBed, sites: number) {
  const settings = { parallelism: Math.min(100, Math.ceil(sites / 10)), canary: { count: 5 } };
  const started = performance.now();
  const { id } = await bed.start(planFor(sites, settings, 50));
  const worker = await bed.fork(WORKER, ["nothing"]);
  for (;;) {
    await pause(2000);
    const { rows } = await bed.database.pool.query("SELECT status FROM dbos.workflow_status WHERE workflow_uuid = $1", [
      id,
    ]);
    if (rows[0]?.status === "SUCCESS") break;
  }
  const seconds = (performance.now() - started) / 1000;
  const usage = new Promise<{ rss: number; cpu: NodeJS.CpuUsage }>((resolve) =>
    worker.once("message", resolve as never),
  );
  worker.send("usage");
  const { rss, cpu } = await usage;
  const statusStarted = performance.now();
  const record = await findRollout(bed.database.pool, id);
  if (!record) throw new Error(`no rollout ${id}`);
  const { counts } = summaryOf(record, await bed.state(id));
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    sites,
    done: counts.done,
    seconds: round(seconds),
    millisecondsPerSite: round((seconds * 1000) / sites),
    workerCpuMillisecondsPerSite: round((cpu.user + cpu.system) / 1000 / sites),
    workerMegabytes: Math.round(rss / 1e6),
    statusMilliseconds: Math.round(performance.now() - statusStarted),
  };
}

void main();
