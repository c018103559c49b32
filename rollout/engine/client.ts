import { randomUUID } from "node:crypto";
import { DBOSClient } from "@dbos-inc/dbos-sdk";
import type { Pool } from "pg";
import { createRollout, findRollout, type RolloutRecord, readEvents } from "../database/journal";
import { quietLogger } from "../database/quiet-logger";
import { refusalOf, replay } from "../machine/advance";
import type { OperatorEvent } from "../machine/events";
import type { RolloutState } from "../machine/state";
import type { Plan } from "../plan/plan";
import { APPLICATION, INBOX, ROLLOUT_WORKFLOW, ROLLOUTS_QUEUE, WORKFLOW_VERSION } from "./names";
import { reviveWorkflows } from "./revive";

/** A command that cannot be carried out, with its remedy. */
export class RolloutError extends Error {}

async function withClient<T>(pool: Pool, work: (client: DBOSClient) => Promise<T>): Promise<T> {
  const client = await DBOSClient.create({
    systemDatabaseUrl: "postgres://rollout@localhost/rollout",
    systemDatabasePool: pool,
    applicationName: APPLICATION,
    logger: quietLogger,
  });
  try {
    return await work(client);
  } finally {
    await client.destroy();
  }
}

/** Records a rollout and puts it into the queue of the workers. */
export async function startRollout(pool: Pool, plan: Plan, file: string, by: string): Promise<RolloutRecord> {
  const before = await findRollout(pool, plan.name);
  const state = before && (await stateOf(pool, before));
  if (before && state?.status === "running")
    throw new RolloutError(`rollout ${before.id}: start: it has not ended; run resume to go on with it, or cancel it`);
  const record = await createRollout(pool, plan, file);
  await queueRollout(pool, record, by);
  return record;
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

/** Sends a command of an operator to a rollout. @throws RolloutError when it makes no sense now */
export async function command(pool: Pool, record: RolloutRecord, event: OperatorEvent): Promise<void> {
  const refusal = refusalOf(await stateOf(pool, record), event);
  if (refusal) throw new RolloutError(`rollout ${record.id}: ${VERBS[event.type]}: ${refusal}`);
  await withClient(pool, (client) => client.send(record.id, event, INBOX, randomUUID()));
}

const VERBS: Record<OperatorEvent["type"], string> = {
  approved: "approve",
  paused: "pause",
  resumed: "resume",
  cancelled: "cancel",
  retried: "retry",
  skipped: "skip",
  frozen: "freeze",
  unfrozen: "unfreeze",
};
