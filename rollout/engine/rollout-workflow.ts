import { enqueueWorkflows, prepareEnqueuedWorkflow } from "@dbos-inc/dbos-sdk/eventreceiver";
import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Pool } from "pg";
import { type Message, waitingMessages } from "../database/inbox";
import { appendEvents, readEvents } from "../database/journal";
import { advance } from "../machine/advance";
import type { SiteRun } from "../machine/events";
import { haltOf } from "../machine/halt";
import { newState, type RolloutState } from "../machine/state";
import type { Plan } from "../plan/plan";
import type { Bell } from "./bell";
import { CHANGES_QUEUE, CHECKS_QUEUE } from "./names";

export type SiteWorkflow = (rollout: string, run: SiteRun) => Promise<void>;

/** What a rollout needs of its worker. */
export interface RolloutContext {
  pool: Pool;
  siteWorkflow: SiteWorkflow;
  bell: Bell;
  /** Aborts when the worker has ended: its rollouts go on in others. */
  ended: AbortSignal;
  /** How often a rollout looks for messages of other processes, in milliseconds. */
  pollMs: number;
}

/** A rollout, and who started it. */
export interface StartedRollout {
  id: string;
  plan: Plan;
  by: string;
}

/**
 * Brings a rollout to its end. Its journal is all that it goes by: it begins with what was recorded before, and whoever appends first decides
 * how the journal goes on. So a repetition after a crash, and a process that has lost the rollout without knowing it, do nothing twice.
 */
export async function runRollout(context: RolloutContext, rollout: StartedRollout): Promise<void> {
  while (!(await goOn(context, rollout))) {
    // Another process has appended an event, or the answer to an own one was lost: the journal is read again.
  }
}

/** Goes on from what the journal says. False when it was continued meanwhile. */
async function goOn(context: RolloutContext, { id, plan, by }: StartedRollout): Promise<boolean> {
  const { pool } = context;
  const state = newState(plan);
  const before = await withDbRetry(() => readEvents(pool, id));
  let runs = before.flatMap((event) => advance(state, event)).filter((run) => isInWork(state, run));
  for (let seq = before.length; state.status === "running"; ) {
    await enqueue(context, id, runs, state);
    const waiting: Message[] =
      seq === 0 ? [{ event: { type: "started", at: Date.now(), by } }] : await nextMessages(context, id, state);
    const messages: Message[] = [];
    runs = [];
    for (const message of waiting) {
      // What is sent after the end is no part of the rollout.
      if (state.status !== "running") break;
      runs.push(...advance(state, message.event));
      messages.push(message);
    }
    const appended = {
      seq,
      events: messages.map(({ event }) => event),
      messages: messages.flatMap(({ number }) => number ?? []),
      halt: haltOf(state),
    };
    if (!(await withDbRetry(() => appendEvents(pool, id, appended)))) return false;
    seq += messages.length;
  }
  return true;
}

/** Whether a run that the journal has started has not ended in it. */
function isInWork({ sites }: RolloutState, { site, phase, attempt }: SiteRun): boolean {
  const { status, phase: current, attempt: latest } = sites.get(site) ?? {};
  return status === "running" && current === phase && latest === attempt;
}

/** Puts runs into their queues, in one transaction. Those that are there already stay as they are. */
async function enqueue(
  { siteWorkflow }: RolloutContext,
  id: string,
  runs: readonly SiteRun[],
  { sites }: RolloutState,
): Promise<void> {
  if (runs.length === 0) return;
  const rows = runs.map((run) => {
    // The identity of the run: the same one again is the one that exists.
    const workflowID = `${id}/${run.site}/${run.phase}/${run.attempt}`;
    const queue =
      run.phase === "apply"
        ? { queueName: CHANGES_QUEUE, queuePartitionKey: sites.get(run.site)?.site.spp ?? "" }
        : { queueName: CHECKS_QUEUE };
    return prepareEnqueuedWorkflow(siteWorkflow, [id, run], { workflowID, ...queue });
  });
  const prepared = await Promise.all(rows);
  await withDbRetry(() => enqueueWorkflows(prepared));
}

/** Waits for messages, or for the time at which the rollout goes on by itself. */
async function nextMessages(context: RolloutContext, id: string, { wakeAt }: RolloutState): Promise<Message[]> {
  const { pool, bell, ended, pollMs } = context;
  while (!ended.aborted) {
    const waiting = await withDbRetry(() => waitingMessages(pool, id));
    if (waiting.length > 0) return waiting;
    const left = (wakeAt ?? Number.POSITIVE_INFINITY) - Date.now();
    if (left <= 0) return [{ event: { type: "tick", at: Date.now() } }];
    await bell.wait(id, Math.min(left, pollMs));
  }
  return new Promise(() => {});
}
