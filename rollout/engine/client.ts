import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Pool } from "pg";
import { sendMessage, waitingMessages } from "../database/inbox";
import {
  createRollout,
  jsonOf,
  latestRollout,
  type RolloutRecord,
  readEvents,
  usualChangeSeconds,
} from "../database/journal";
import { advance, refusalOf, replay } from "../machine/advance";
import { awaitedApproval } from "../machine/approval";
import { type Approval, type OperatorEvent, VERBS } from "../machine/events";
import { isEnding } from "../machine/halt";
import { newState, type RolloutState } from "../machine/state";
import type { Plan } from "../plan/plan";
import { livingWorkers } from "./membership";
import { ROLLOUT_WORKFLOW, ROLLOUTS_QUEUE, WORKFLOW_VERSION } from "./names";
import { withClient } from "./queues";
import { reviveWorkflows } from "./revive";

/** A command that cannot be carried out, with its remedy. */
export class RolloutError extends Error {}

/** Records a rollout and puts it into the queue of the workers. */
export async function startRollout(pool: Pool, plan: Plan, file: string, by: string): Promise<RolloutRecord> {
  for (;;) {
    const before = await latestRollout(pool, plan.name);
    const state = before && (await stateOf(pool, before));
    if (before && state?.status === "running")
      throw new RolloutError(
        `rollout ${before.id}: start: it has not ended; run resume to go on with it, or cancel it`,
      );
    const { changeSeconds } = plan;
    const usual = { changeSeconds: (await usualChangeSeconds(pool, plan.name)) ?? changeSeconds };
    const record = await createRollout(pool, { ...plan, ...usual }, file, (before?.number ?? 0) + 1);
    // Another start of the same name was faster, and this one is refused next.
    if (record === undefined) continue;
    await queueRollout(pool, record, by);
    return record;
  }
}

/** Puts a rollout into the queue of the workers. Changes nothing when it was there before, which a `start` that was killed leaves open. */
export async function queueRollout(pool: Pool, { id }: RolloutRecord, by: string): Promise<void> {
  await withClient(pool, (client) =>
    client.enqueue(
      { workflowName: ROLLOUT_WORKFLOW, queueName: ROLLOUTS_QUEUE, workflowID: id, appVersion: WORKFLOW_VERSION },
      id,
      by,
    ),
  );
}

/** Lets a rollout go on that has not ended: queues it when its start was killed, and revives what the workflow engine has ended. */
export async function resumeRollout(pool: Pool, record: RolloutRecord, by: string): Promise<void> {
  const { status } = await stateOf(pool, record);
  if (status !== "running") return;
  await queueRollout(pool, record, by);
  await reviveWorkflows(pool, record.id);
}

/** The state of a rollout, from its journal alone. */
export async function stateOf(pool: Pool, { id, plan }: RolloutRecord): Promise<RolloutState> {
  return replay(plan, await readEvents(pool, id));
}

/** Why a rollout is paused, also by a command that no worker has carried out yet; undefined when it is not, or ends anyway. */
export async function pauseOf(pool: Pool, record: RolloutRecord): Promise<string | undefined> {
  const state = await stateOf(pool, record);
  for (const { event } of await waitingMessages(pool, record.id)) advance(state, event);
  return isEnding(state) ? undefined : state.paused;
}

/** A command as an operator gives it. */
export interface OperatorCommand {
  type: OperatorEvent["type"];
  reason: string;
  by: string;
  site?: string | undefined;
  /** Whether the operator has seen what waits for approval; default: they approve whatever waits now. */
  hasSeen?: ((awaited: Approval) => boolean) | undefined;
}

async function waitingCommands(pool: Pool, { id }: RolloutRecord): Promise<OperatorEvent[]> {
  const waiting = await waitingMessages(pool, id);
  return waiting.flatMap(({ event }) => ("reason" in event ? [event] : []));
}

/** A command on its way to a worker. */
export interface SentCommand {
  event: OperatorEvent;
  /** How many events the journal had before. */
  seq: number;
}

/** Sends a command to a rollout. An approval is for what waits now, and nothing else. @throws RolloutError when it makes no sense now */
export async function command(
  pool: Pool,
  record: RolloutRecord,
  { type, reason, by, site, hasSeen = () => true }: OperatorCommand,
): Promise<SentCommand> {
  const events = await readEvents(pool, record.id);
  // What was sent while no worker ran comes first.
  const state = replay(record.plan, [...events, ...(await waitingCommands(pool, record))]);
  const approves = type === "approved" ? awaitedApproval(state) : undefined;
  const more = approves ? { approves } : site === undefined ? {} : { site };
  const event = { type, at: Date.now(), by, reason, ...more } as OperatorEvent;
  refuse(record, state, event);
  if (approves && !hasSeen(approves))
    throw new RolloutError(
      `rollout ${record.id}: approve: something else waits for approval; run status to see it, and approve its id`,
    );
  await sendMessage(pool, record.id, randomUUID(), event);
  return { event, seq: events.length };
}

/**
 * Waits until a worker has carried out a command; false when there is no worker, or none did within the limit. @throws RolloutError when the
 * rollout had moved on before the command arrived, and nothing was done
 */
export async function carriedOut(
  pool: Pool,
  record: RolloutRecord,
  { event, seq }: SentCommand,
  limitMs = CARRIED_OUT_WITHIN_MS,
): Promise<boolean> {
  const stored = JSON.parse(jsonOf(event));
  const state = newState(record.plan);
  let read = 0;
  for (const limit = Date.now() + limitMs; ; await sleep(POLL_MS)) {
    for (const one of await readEvents(pool, record.id, read)) {
      read += 1;
      if (read > seq && isDeepStrictEqual(one, stored)) {
        refuse(record, state, event);
        return true;
      }
      advance(state, one);
    }
    if (Date.now() <= limit && (await livingWorkers(pool)).length > 0) continue;
    // What was sent before it is carried out before it.
    const waiting = await waitingCommands(pool, record);
    const own = waiting.findIndex((one) => isDeepStrictEqual(one, stored));
    for (const earlier of waiting.slice(0, Math.max(own, 0))) advance(state, earlier);
    refuse(record, state, event);
    return false;
  }
}

function refuse({ id }: RolloutRecord, state: RolloutState, event: OperatorEvent): void {
  const refusal = refusalOf(state, event);
  if (refusal) throw new RolloutError(`rollout ${id}: ${VERBS[event.type]}: ${refusal}`);
}

const POLL_MS = 200;
/** A worker carries a command out at once, unless it starts just now or its database is slow. */
const CARRIED_OUT_WITHIN_MS = 15_000;
