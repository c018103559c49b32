import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createRollout, findRollout } from "../rollout/database/journal";
import { summaryOf } from "../rollout/report/summary";
import { statusLines } from "../rollout/report/text";
import { kill, RolloutBed } from "../rollout/testing/rollout-bed";
import { planFor, Simulation } from "../rollout/testing/simulation";
import { numberAfter, textAfter } from "./common/options";
import { Farm } from "./rollout/farm";

/*
 * Rollouts that are killed: `npm run bench -- rollout [--kills N] [--sites N] [--database URL] [--json]`. Two workers roll out to sites of
 * three SPPs, and at random moments SIGKILL ends one worker, both, or the embedded database. The sites are a simulated farm that counts
 * joins by itself; the step stands in for Pulumi and the provider, whose own promises `bench crash` and tests/engine prove.
 *
 * `--status N` measures `status` of a rollout of N sites that is half done, from a journal that is written at once.
 *
 * `--scale N` instead measures a rollout of N sites whose step does nothing: time and memory of plan, queue and status.
 */
const WORKER = join(__dirname, "rollout/farm-worker.ts");
const SPPS = 3;

async function main(): Promise<void> {
  const database = textAfter("--database");
  const bed = await RolloutBed.start(database === undefined ? undefined : { url: database });
  try {
    const status = process.argv.includes("--status") ? numberAfter("--status", 5000) : undefined;
    const scale = process.argv.includes("--scale") ? numberAfter("--scale", 1000) : undefined;
    const result =
      status !== undefined
        ? await statusOf(bed, status)
        : scale === undefined
          ? await killSweep(bed)
          : await scaleOf(bed, scale);
    console.log(process.argv.includes("--json") ? JSON.stringify(result) : result);
  } finally {
    await bed.stop();
  }
}

async function killSweep(bed: RolloutBed) {
  const [kills, sites] = [numberAfter("--kills", 12), numberAfter("--sites", 20)];
  const farm = new Farm();
  const url = await farm.start();
  const totals = {
    kills: 0,
    rollouts: 0,
    completed: 0,
    maxJoinPostsPerSite: 0,
    concurrentJoinsPerSpp: 0,
    leftLocks: 0,
    handEdits: 0,
  };
  const workers: ChildProcess[] = [];
  const fillUp = async () => {
    while (workers.length < 2) workers.push(await bed.fork(WORKER, [url]));
  };
  while (totals.kills < kills) {
    farm.reset();
    await fillUp();
    const { id } = await bed.start(planFor(sites, { parallelism: 6, canary: { count: 2 } }, SPPS));
    let isEnded = false;
    const ended = bed
      .until(id, ({ status }) => status !== "running", 600)
      .finally(() => {
        isEnded = true;
      });
    while (!isEnded && totals.kills < kills) {
      await pause(200 + Math.random() * 2500);
      if (isEnded) break;
      totals.kills += await killSome(bed, workers);
      await fillUp();
    }
    const state = await ended;
    const { joined, ...record } = farm.record();
    totals.rollouts += 1;
    totals.completed += state.status === "done" && joined === sites ? 1 : 0;
    totals.maxJoinPostsPerSite = Math.max(totals.maxJoinPostsPerSite, record.maxJoinPostsPerSite);
    totals.concurrentJoinsPerSpp = Math.max(totals.concurrentJoinsPerSpp, record.concurrentJoinsPerSpp);
    totals.leftLocks += await openRuns(bed, id);
  }
  farm.stop();
  const { rollouts, completed, maxJoinPostsPerSite, concurrentJoinsPerSpp, leftLocks } = totals;
  if (completed < rollouts || maxJoinPostsPerSite !== 1 || concurrentJoinsPerSpp !== 1 || leftLocks > 0)
    process.exitCode = 1;
  return totals;
}

/** Kills one worker, both, or the embedded database, and gives the number of processes. */
async function killSome(bed: RolloutBed, workers: ChildProcess[]): Promise<number> {
  const choice = Math.random();
  if (choice < 0.2 && "folder" in bed.location) {
    return bed.killDatabase() ? 1 : 0;
  }
  const victims = workers.splice(0, choice < 0.6 ? 1 : 2);
  for (const victim of victims) await kill(victim);
  return victims.length;
}

/** Runs of a rollout that still block a queue after its end. */
async function openRuns(bed: RolloutBed, id: string): Promise<number> {
  await pause(1000);
  const { rows } = await bed.database.pool.query(
    "SELECT count(*)::int AS open FROM dbos.workflow_status WHERE status IN ('PENDING', 'ENQUEUED') AND workflow_uuid LIKE $1 || '%'",
    [id],
  );
  return rows[0].open;
}

/** The time of `status`: reading the journal, replaying it, and the lines. */
async function statusOf(bed: RolloutBed, sites: number) {
  const rollout = new Simulation(planFor(sites, { parallelism: 100 }, 50));
  const changes = [
    { operation: "create", resource: "SpsCluster a" },
    { operation: "create", resource: "SppJoin a" },
  ];
  for (let n = 0; n < sites * 1.5; n += 1) {
    const [site] = rollout.inWork.keys();
    if (site !== undefined) rollout.finish(site, { outcome: "done", message: "2 create", changes });
  }
  const { pool } = bed.database;
  const record = await createRollout(pool, rollout.state.plan, "/nowhere/rollout.yaml");
  await pool.query(
    "INSERT INTO rollout.journal (rollout, seq, event) SELECT $1, n - 1, event FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (event, n)",
    [record.id, JSON.stringify(rollout.events)],
  );
  const times: number[] = [];
  let lines = 0;
  for (let n = 0; n < 5; n += 1) {
    const started = performance.now();
    const found = await findRollout(pool, record.id);
    if (!found) throw new Error(`no rollout ${record.id}`);
    lines = statusLines(summaryOf(found, await bed.state(record.id))).length;
    times.push(Math.round(performance.now() - started));
  }
  return { sites, events: rollout.events.length, lines, statusMilliseconds: times };
}

async function scaleOf(bed: RolloutBed, sites: number) {
  const settings = { parallelism: Math.min(100, Math.ceil(sites / 10)), canary: { count: 5 } };
  const started = performance.now();
  const { id } = await bed.start(planFor(sites, settings, 50));
  const worker = await bed.fork(WORKER, [""]);
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
