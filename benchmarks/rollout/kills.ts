import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startRollout } from "../../rollout/engine/client";
import { loadRollout } from "../../rollout/plan/load";
import { kill, type RolloutBed } from "../../rollout/testing/rollout-bed";
import { handEditsIn } from "./by-hand";
import { killAt } from "./processes";
import { Farm } from "./stub/farm";
import { StubCli } from "./stub/stub-cli";

export const WORKER = join(__dirname, "farm-worker.ts");
const SPPS = 3;
/** After so many, a rollout is left alone: workers that are always killed while they start come to nothing. */
const MOST_PER_ROLLOUT = 20;
/** A rollout that does not end within this time has failed. */
const LIMIT_SECONDS = 600;

/** What a SIGKILL hits: one worker alone, its process group, it with its CLIs as when its machine dies, both workers, the embedded database. */
const KINDS = ["worker", "group", "machine", "workers", "database"] as const;
type Kind = (typeof KINDS)[number];

/**
 * Kills parts of rollouts at random moments. Two workers roll out to the sites of a farm, which counts joins by itself. The step is the product's
 * own; the Pulumi CLI that it runs is a stub.
 */
export async function killSweep(bed: RolloutBed, kills: number, sites: number) {
  const farm = new Farm();
  const cli = new StubCli(await farm.start(), sites, SPPS);
  const kinds = KINDS.filter((kind) => kind !== "database" || "folder" in bed.location);
  const byKind = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  const totals = {
    kills: 0,
    rollouts: 0,
    completed: 0,
    maxJoinPostsPerSite: 0,
    concurrentJoinsPerSpp: 0,
    leftLocks: 0,
    handEdits: 0,
  };
  let workers: ChildProcess[] = [];
  const fillUp = async () => {
    workers = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const missing = Array.from({ length: 2 - workers.length }, () => bed.fork(WORKER, ["pulumi"], { detached: true }));
    workers.push(...(await Promise.all(missing)));
  };
  const started = performance.now();
  try {
    const { plan } = loadRollout(cli.file);
    while (totals.kills < kills) {
      farm.reset();
      await fillUp();
      const { id } = await startRollout(bed.database.pool, plan, cli.file, "bench");
      let isEnded = false;
      const ended = bed
        .until(id, ({ status }) => status !== "running", LIMIT_SECONDS)
        .finally(() => {
          isEnded = true;
        });
      // Reported by the await below.
      ended.catch(() => {});
      const most = Math.min(kills, totals.kills + MOST_PER_ROLLOUT);
      while (!isEnded && totals.kills < most) {
        await pause(100 + Math.random() * 2000);
        if (isEnded) break;
        const kind = kinds[totals.kills % kinds.length] as Kind;
        if (!(await killSome(bed, kind, workers))) continue;
        byKind[kind] += 1;
        totals.kills += 1;
        await fillUp();
      }
      const { status } = await ended;
      const { joined, ...record } = farm.record();
      totals.rollouts += 1;
      totals.completed += status === "done" && joined === sites ? 1 : 0;
      totals.maxJoinPostsPerSite = Math.max(totals.maxJoinPostsPerSite, record.maxJoinPostsPerSite);
      totals.concurrentJoinsPerSpp = Math.max(totals.concurrentJoinsPerSpp, record.concurrentJoinsPerSpp);
      totals.leftLocks += (await openRuns(bed, id)) + cli.locks().length;
      totals.handEdits += await handEditsIn(bed.database.pool, id);
      totals.handEdits += loadRollout(cli.file).plan.fingerprint === plan.fingerprint ? 0 : 1;
      console.error(`${totals.kills} of ${kills} kills, ${totals.completed} of ${totals.rollouts} rollouts completed`);
    }
    totals.handEdits += cli.locksTakenAway();
  } finally {
    await bed.killWorkers();
    farm.stop();
    cli.close();
  }
  const { rollouts, completed, maxJoinPostsPerSite, concurrentJoinsPerSpp, leftLocks, handEdits } = totals;
  const hasFaults = maxJoinPostsPerSite !== 1 || concurrentJoinsPerSpp !== 1 || leftLocks > 0 || handEdits > 0;
  if (completed < rollouts || hasFaults) process.exitCode = 1;
  const seconds = Math.round((performance.now() - started) / 1000);
  return { ...totals, byKind, sites, seconds };
}

/** Kills at once; false when nothing was there to kill. */
async function killSome(bed: RolloutBed, kind: Kind, workers: readonly ChildProcess[]): Promise<boolean> {
  const victim = workers[Math.random() < 0.5 ? 0 : 1];
  if (victim?.pid === undefined) return false;
  if (kind === "database") return bed.killDatabase();
  if (kind === "workers") await Promise.all(workers.map(kill));
  else if (kind === "worker") await kill(victim);
  else await killAt(victim, kind);
  return true;
}

/** Runs of a rollout that still block a queue after its end. */
export async function openRuns(bed: RolloutBed, id: string): Promise<number> {
  await pause(1000);
  const { rows } = await bed.database.pool.query(
    "SELECT count(*)::int AS open FROM dbos.workflow_status WHERE status IN ('PENDING', 'ENQUEUED') AND workflow_uuid LIKE $1 || '%'",
    [id],
  );
  return rows[0].open;
}
