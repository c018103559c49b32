import { DBOS } from "@dbos-inc/dbos-sdk";
import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Pool } from "pg";
import type { Begun } from "../database/changes";
import { sendMessage } from "../database/inbox";
import { findRollout, type RolloutRecord } from "../database/journal";
import type { Announced, Phase, RolloutEvent, SiteResult, SiteRun } from "../machine/events";
import type { Gates, PlannedSite } from "../plan/plan";
import type { Bell } from "./bell";
import { ROLLOUT_WORKFLOW, SITE_WORKFLOW } from "./names";
import { runRollout } from "./rollout-workflow";
import { type RunsInWork, StepLeft } from "./runs-in-work";
import { type ChangeInTurn, inTurn, type MayStart } from "./turn";

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
  /** Where a change began in a process that has died. */
  interrupted?: Begun | undefined;
  /** A change reports what it waits for, for `status`. */
  waitsFor?: ((text: string) => Promise<void>) | undefined;
  /** A change reports that it found its stack locked and did nothing, with what it waits for. */
  isLocked?: ((text: string) => Promise<void>) | undefined;
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
  bell: Bell;
  /** Aborts when the worker has ended. */
  ended: AbortSignal;
  /** How often waiting rollouts look for messages, in milliseconds. */
  pollMs: number;
}

/** A crash costs one attempt to recover; no crash shall be one too many. */
const MAXIMUM_RECOVERIES = 100_000;

const NO_GATES: Gates = { approval: false, soakSeconds: 0 };

/** Registers the two workflows: one for each rollout, and one for each run at a site. Before the engine starts. */
export function registerWorkflows(context: WorkflowContext): void {
  const siteWorkflow = DBOS.registerWorkflow((rollout: string, run: SiteRun) => runAtSite(context, rollout, run), {
    name: SITE_WORKFLOW,
    maxRecoveryAttempts: MAXIMUM_RECOVERIES,
  });
  const rolloutWorkflow = async (id: string, by: string) => {
    const { plan } = await rolloutOf(context.pool, id);
    await runRollout({ ...context, siteWorkflow }, { id, plan, by });
    known.delete(id);
  };
  DBOS.registerWorkflow(rolloutWorkflow, { name: ROLLOUT_WORKFLOW, maxRecoveryAttempts: MAXIMUM_RECOVERIES });
}

interface KnownRollout extends RolloutRecord {
  /** What the wave of each site asks for, by the name of the site. */
  gates: ReadonlyMap<string, Gates>;
}

/** Rollouts by their id; their plans never change, and reading one takes time that grows with the number of its sites. */
const known = new Map<string, Promise<KnownRollout>>();

async function runAtSite(context: WorkflowContext, rollout: string, run: SiteRun): Promise<void> {
  const workflow = DBOS.workflowID ?? "";
  await context.runs.track({ workflow, site: run.site }, async (leaveOpen) => {
    const { site, phase, attempt } = run;
    const begin = () =>
      step(context, rollout, workflow, run).catch((error) =>
        error instanceof StepLeft ? leaveOpen() : unknownResult(run, error),
      );
    const timed = async () => ({ ...(await begin()), at: Date.now() });
    const { startedAt, starts, at, result } = await DBOS.runStep(timed, { name: phase });
    const counted = phase === "apply" && starts !== undefined && { starts };
    const finished = { startedAt, ...counted, worker: context.worker, site, phase, attempt, result };
    const event: RolloutEvent = { type: "finished", at, ...finished };
    // The run has one result, so that its identity is the one of its message too.
    await withDbRetry(() => sendMessage(context.pool, rollout, workflow, event));
    context.bell.ring(rollout);
  });
}

/** How a step ended, and when it started after its wait for its SPP. */
interface StepResult {
  startedAt: number;
  /** How often a change was started; absent where that is not known. */
  starts?: number;
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
  const done = (change: Partial<ChangeInTurn> & Pick<ChangeInTurn, "mayStart">) =>
    work({ ...given, ...change }).catch((error) => {
      if (error instanceof StepLeft) throw error;
      return unknownResult(run, error).result;
    });
  const turn = { rollout, workflow, run, spp: site.spp, coolDownSeconds: plan.coolDownSeconds };
  if (phase === "apply") return inTurn(pool, turn, runs.leave, done);
  return { startedAt: Date.now(), result: await done({ mayStart: async () => undefined }) };
}

function unknownResult({ site, phase }: SiteRun, error: unknown): StepResult {
  const cause = error instanceof Error ? error.message : String(error);
  const message = `site ${site}: ${phase}: ${cause}; retry the site`;
  return { startedAt: Date.now(), result: { outcome: "unknown", message } };
}

function rolloutOf(pool: Pool, id: string): Promise<KnownRollout> {
  const before = known.get(id);
  if (before !== undefined) return before;
  const found = withDbRetry(() => findRollout(pool, id)).then((record) => {
    if (!record) throw new Error(`rollout ${id}: it is not in the database`);
    const gates = record.plan.waves.flatMap((wave) => wave.sites.map((site) => [site, wave.gates] as const));
    return { ...record, gates: new Map(gates) };
  });
  known.set(id, found);
  found.catch(() => known.delete(id));
  return found;
}
