import { DBOS } from "@dbos-inc/dbos-sdk";
import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Pool } from "pg";
import { appendEvent, findRollout, type RolloutRecord } from "../database/journal";
import { advance } from "../machine/advance";
import type { Announced, Phase, RolloutEvent, SiteResult, SiteRun } from "../machine/events";
import { haltOf } from "../machine/halt";
import { newState, type RolloutState } from "../machine/state";
import type { Gates, PlannedSite } from "../plan/plan";
import { CHANGES_QUEUE, CHECKS_QUEUE, INBOX, ROLLOUT_WORKFLOW, SITE_WORKFLOW } from "./names";
import { type RunsInWork, StepLeft } from "./runs-in-work";
import { inTurn, type MayStart } from "./turn";

/** What a step gets to know about its run. */
export interface SiteStepContext {
  /** The id of the rollout. */
  rollout: string;
  /** Absolute path of its rollout.yaml. */
  file: string;
  site: PlannedSite;
  phase: Phase;
  /** The approved fingerprint; anything else is not done. */
  fingerprint: string;
  /** What the check of the site showed; a change does not go beyond it. */
  announced?: Announced | undefined;
  /** What the wave of the site asks for. */
  gates: Gates;
  /** A change asks it right before it starts, each time, and does nothing when it gets a reason. */
  mayStart: MayStart;
  /** Aborts when the work of this process may have been taken over. */
  signal: AbortSignal;
  /** Aborts when the worker stops: a step that only waits throws StepLeft then, and a step that does something finishes it. */
  leave: AbortSignal;
}

/**
 * Does the work at one site. May be called again for the same run after a crash, so it brings the site to the wanted state and
 * reports what it found. Once it has returned, the run is never repeated.
 */
export type SiteStep = (context: SiteStepContext) => Promise<SiteResult>;

export interface WorkflowContext {
  pool: Pool;
  worker: string;
  step: SiteStep;
  runs: RunsInWork;
  signal: AbortSignal;
  /** How often waiting rollouts look for messages, in milliseconds. */
  pollMs: number;
}

/** A crash costs one attempt to recover; no crash shall be one too many. */
const MAXIMUM_RECOVERIES = 100_000;
/** Without anything to wait for, a rollout looks again once a day. */
const LONGEST_WAIT_MS = 86_400_000;

const NO_GATES: Gates = { approval: false, soakSeconds: 0 };

/** Registers the two workflows: one for each rollout, and one for each run at a site. Before the engine starts. */
export function registerWorkflows(context: WorkflowContext): void {
  const siteWorkflow = DBOS.registerWorkflow((rollout: string, run: SiteRun) => runAtSite(context, rollout, run), {
    name: SITE_WORKFLOW,
    maxRecoveryAttempts: MAXIMUM_RECOVERIES,
  });
  DBOS.registerWorkflow((id: string, by: string) => runRollout(context, siteWorkflow, id, by), {
    name: ROLLOUT_WORKFLOW,
    maxRecoveryAttempts: MAXIMUM_RECOVERIES,
  });
}

interface KnownRollout extends RolloutRecord {
  /** What the wave of each site asks for, by the name of the site. */
  gates: ReadonlyMap<string, Gates>;
}

/** Rollouts by their id; their plans never change, and reading one takes time that grows with the number of its sites. */
const known = new Map<string, Promise<KnownRollout>>();

type SiteWorkflow = (rollout: string, run: SiteRun) => Promise<void>;

/** One event after the other: into the state, with what follows from it into the journal, then the runs that start. */
async function runRollout(context: WorkflowContext, siteWorkflow: SiteWorkflow, id: string, by: string): Promise<void> {
  const { pool } = context;
  const { plan } = await rolloutOf(pool, id);
  const state = newState(plan);
  let event: RolloutEvent = { type: "started", at: await DBOS.now(), by };
  for (let seq = 0; ; seq += 1) {
    const runs = advance(state, event);
    const [number, current, halt] = [seq, event, haltOf(state)];
    await DBOS.runStep(() => withDbRetry(() => appendEvent(pool, id, number, current, halt)), { name: "journal" });
    for (const run of runs) await enqueue(siteWorkflow, id, run, state);
    if (state.status !== "running") {
      known.delete(id);
      return;
    }
    event = await nextEvent(state, context.pollMs);
  }
}

async function enqueue(siteWorkflow: SiteWorkflow, id: string, run: SiteRun, state: RolloutState): Promise<void> {
  const spp = state.sites.get(run.site)?.site.spp ?? "";
  const isChange = run.phase === "apply";
  await DBOS.startWorkflow(siteWorkflow, {
    // The identity of the run: starting it again after a crash finds the one that exists.
    workflowID: `${id}/${run.site}/${run.phase}/${run.attempt}`,
    queueName: isChange ? CHANGES_QUEUE : CHECKS_QUEUE,
    ...(isChange ? { enqueueOptions: { queuePartitionKey: spp } } : {}),
  })(id, run);
}

async function nextEvent({ wakeAt }: RolloutState, pollMs: number): Promise<RolloutEvent> {
  const now = await DBOS.now();
  const deadlineEpochMS = Math.min(wakeAt ?? Number.POSITIVE_INFINITY, now + LONGEST_WAIT_MS);
  const message = await DBOS.recv<RolloutEvent>(INBOX, { deadlineEpochMS, pollingIntervalMs: pollMs });
  return message ?? { type: "tick", at: await DBOS.now() };
}

async function runAtSite(context: WorkflowContext, rollout: string, run: SiteRun): Promise<void> {
  const workflow = DBOS.workflowID ?? "";
  await context.runs.track({ workflow, site: run.site }, async (leaveOpen) => {
    const { site, phase, attempt } = run;
    const begin = () =>
      step(context, rollout, workflow, run).catch((error) =>
        error instanceof StepLeft ? leaveOpen() : unknownResult(run, error),
      );
    const { startedAt, result } = await DBOS.runStep(begin, { name: phase });
    const finished = { startedAt, worker: context.worker, site, phase, attempt, result };
    const event: RolloutEvent = { type: "finished", at: await DBOS.now(), ...finished };
    await DBOS.send(rollout, event, INBOX);
  });
}

/** How a step ended, and when it started after its wait for its SPP. */
interface StepResult {
  startedAt: number;
  result: SiteResult;
}

async function step(context: WorkflowContext, rollout: string, workflow: string, run: SiteRun): Promise<StepResult> {
  const { pool, step: work, signal, runs } = context;
  const { plan, file, gates: gatesOf } = await rolloutOf(pool, rollout);
  const site = plan.sites[run.site];
  if (!site) throw new Error(`rollout ${rollout}: the site ${run.site} is not in its plan`);
  const { phase, fingerprint, announced } = run;
  const gates = gatesOf.get(site.name) ?? NO_GATES;
  const given = { rollout, file, site, phase, fingerprint, announced, gates, signal, leave: runs.leave };
  // A workflow that fails reports nothing to its rollout, which would wait for this site for ever.
  const done = (mayStart: MayStart) =>
    work({ ...given, mayStart }).catch((error) => {
      if (error instanceof StepLeft) throw error;
      return unknownResult(run, error).result;
    });
  const turn = { rollout, workflow, run, spp: site.spp, coolDownSeconds: plan.coolDownSeconds };
  if (phase === "apply") return inTurn(pool, turn, runs.leave, done);
  return { startedAt: Date.now(), result: await done(async () => undefined) };
}

function unknownResult({ site, phase }: SiteRun, error: unknown): StepResult {
  const cause = error instanceof Error ? error.message : String(error);
  const message = `site ${site}: ${phase}: ${cause}; retry the site`;
  return { startedAt: Date.now(), result: { outcome: "unknown", message } };
}

function rolloutOf(pool: Pool, id: string): Promise<KnownRollout> {
  const before = known.get(id);
  if (before) return before;
  const found = withDbRetry(() => findRollout(pool, id)).then((record) => {
    if (!record) throw new Error(`rollout ${id}: it is not in the database`);
    const gates = record.plan.waves.flatMap((wave) => wave.sites.map((site) => [site, wave.gates] as const));
    return { ...record, gates: new Map(gates) };
  });
  known.set(id, found);
  found.catch(() => known.delete(id));
  return found;
}
