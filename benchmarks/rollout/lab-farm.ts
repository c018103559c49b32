import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { RolloutRecord } from "../../rollout/database/journal";
import { carriedOut, startRollout } from "../../rollout/engine/client";
import type { RolloutState } from "../../rollout/machine/state";
import { loadRollout } from "../../rollout/plan/load";
import type { Plan } from "../../rollout/plan/plan";
import { summaryOf } from "../../rollout/report/summary";
import type { RolloutBed } from "../../rollout/testing/rollout-bed";
import { handEditsIn } from "./by-hand";
import { openRuns, WORKER } from "./kills";
import { LabSites } from "./lab-sites";
import { killAt } from "./processes";
import { FarmUse } from "./usage";

/** Enough for two processor cores: some sites wait for their appliances, the others use the processors. */
const PARALLELISM = 6;
const WORKERS = 2;
const POLL_MS = 50;
/** Each reads the whole journal. */
const STATE_POLL_MS = 2000;
/** A rollout that does not end within this time has failed. */
const LIMIT_MS = 2 * 3600_000;

/**
 * A rollout by the real Pulumi CLI to sites of simulated appliances. Both workers are killed with all of their processes, as by the death of
 * their machine, each time while a join is under way. What is reported about joins, the appliances have recorded.
 */
export async function labFarm(bed: RolloutBed, count: number, kills: number) {
  const use = new FarmUse(bed);
  const sites = await LabSites.start(count, PARALLELISM);
  try {
    use.labStarted();
    const started = performance.now();
    const record = await startRollout(bed.database.pool, acceptingJoins(sites.file), sites.file, "bench");
    const { killsDuringJoins, approvals } = await untilEnded(bed, sites, record, kills, use);
    const seconds = Math.round((performance.now() - started) / 1000);
    const leftLocks = (await openRuns(bed, record.id)) + sites.locks().length;
    await bed.killWorkers();
    const summary = summaryOf(record, await bed.state(record.id));
    const { done, failed, unknown, unreachable, frozen } = summary.counts;
    const seen = sites.record();
    const isEdited = acceptingJoins(sites.file).fingerprint !== record.plan.fingerprint;
    const handEdits =
      (await handEditsIn(bed.database.pool, record.id)) + sites.editedStates().length + (isEdited ? 1 : 0);
    const isRight =
      summary.status === "done" &&
      isDeepStrictEqual({ done, failed: failed + unreachable, frozen }, sites.expected) &&
      seen.joined === done &&
      seen.redirected === done &&
      seen.maxJoinPostsPerSite === 1 &&
      seen.concurrentJoinsPerSpp === 1 &&
      seen.requestsAtFrozenSites === 0 &&
      leftLocks === 0 &&
      handEdits === 0 &&
      killsDuringJoins === kills;
    if (!isRight) process.exitCode = 1;
    return {
      ...{ sites: count, spps: sites.spps, status: summary.status },
      ...{ done, failed, unreachable, unknown, frozen },
      ...seen,
      ...{ leftLocks, kills: killsDuringJoins, approvals, handEdits, seconds },
      ...use.result(count),
    };
  } finally {
    await bed.killWorkers();
    await sites.stop();
  }
}

/** Runs the workers until the rollout ends, approves what waits for an approval, and kills all workers as often as wanted. */
async function untilEnded(bed: RolloutBed, sites: LabSites, record: RolloutRecord, kills: number, use: FarmUse) {
  let workers = await startWorkers(bed);
  let approvals = 0;
  let killsDuringJoins = 0;
  let askedAt = 0;
  const { id } = record;
  const limit = Date.now() + LIMIT_MS;
  while (Date.now() < limit) {
    await pause(POLL_MS);
    const killAfter = (sites.expected.done * (killsDuringJoins + 1)) / (kills + 1);
    if (killsDuringJoins < kills && sites.isJoining && sites.joined() >= Math.floor(killAfter)) {
      for (const { pid } of workers) if (pid !== undefined) use.beforeKill(pid);
      await Promise.all(workers.map((worker) => killAt(worker, "machine")));
      killsDuringJoins += 1;
      console.error(`${sites.joined()} of ${sites.expected.done} sites joined: both workers were killed`);
      workers = await startWorkers(bed);
    }
    if (Date.now() - askedAt < STATE_POLL_MS) continue;
    askedAt = Date.now();
    const state = await bed.state(id);
    if (state.status !== "running") return { approvals, killsDuringJoins };
    if (state.hold?.kind === "failures" && state.running.size === 0) throw new Error(failureText(record, state));
    if (state.hold?.kind !== "approval") continue;
    const sent = await bed.operator(id, "approved");
    if (await carriedOut(bed.database.pool, record, sent)) approvals += 1;
  }
  throw new Error(`rollout ${id}: it has not ended within ${LIMIT_MS / 1000} s`);
}

/** More sites failed than are broken. */
function failureText(record: RolloutRecord, state: RolloutState): string {
  const { sites } = summaryOf(record, state);
  const failed = sites.filter(({ status }) => status === "failed" || status === "unreachable" || status === "unknown");
  return `rollout ${record.id}: ${failed.map(({ name, message }) => `${name}: ${message}`).join("\n")}`;
}

const startWorkers = (bed: RolloutBed): Promise<ChildProcess[]> =>
  Promise.all(Array.from({ length: WORKERS }, () => bed.fork(WORKER, ["pulumi"], { detached: true })));

/** Nothing but the approval of a wave holds the rollout. */
function acceptingJoins(file: string): Plan {
  const { plan } = loadRollout(file);
  return { ...plan, acceptedJoins: Object.keys(plan.sites).length };
}
