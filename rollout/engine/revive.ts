import type { Pool } from "pg";
import { CHANGES_QUEUE, CHECKS_QUEUE, ROLLOUTS_QUEUE } from "./names";

/** The workflows of the rollout $1 that the workflow engine itself has ended. */
const ENDED = `(workflow_uuid = $1 OR starts_with(workflow_uuid, $1 || '/'))
  AND status IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')`;

/** Whether the workflow engine has ended a workflow of a rollout, which then stands still. For a rollout whose journal has no end. */
export async function hasEndedWorkflows(pool: Pool, id: string): Promise<boolean> {
  const { rows } = await pool.query(`SELECT 1 FROM dbos.workflow_status WHERE ${ENDED} LIMIT 1`, [id]);
  return rows.length > 0;
}

/**
 * Puts the workflows of a rollout that the workflow engine itself has ended, after an error of its own or too many recoveries, back into
 * their queues. They go on after their last recorded step. Gives their number. For a rollout whose journal has no end.
 */
export async function reviveWorkflows(pool: Pool, id: string): Promise<number> {
  const { rows } = await pool.query(
    `WITH ended AS (
       UPDATE dbos.workflow_status
       SET status = 'ENQUEUED', owner_xid = NULL, recovery_attempts = 0, error = NULL, output = NULL, started_at_epoch_ms = NULL,
           workflow_deadline_epoch_ms = NULL, completed_at = NULL, updated_at = (extract(epoch FROM now()) * 1000)::bigint,
           queue_name = CASE WHEN workflow_uuid = $1 THEN $2 WHEN workflow_uuid LIKE '%/apply/%' THEN $3 ELSE $4 END
       WHERE ${ENDED}
       RETURNING workflow_uuid
     ), repeated AS (
       DELETE FROM dbos.operation_outputs
       WHERE workflow_uuid IN (SELECT workflow_uuid FROM ended) AND error IS NOT NULL
     )
     SELECT workflow_uuid FROM ended`,
    [id, ROLLOUTS_QUEUE, CHANGES_QUEUE, CHECKS_QUEUE],
  );
  return rows.length;
}
