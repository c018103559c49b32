import type { Pool } from "pg";
import { CHANGES_QUEUE } from "./names";

/** A change of another rollout at an SPP, in work or in its queue. */
export interface OtherChange {
  spp: string;
  rollout: string;
  site: string;
  /** When it was started, as ISO 8601; absent while it waits. */
  since?: string;
}

/** The changes of other rollouts at the given SPPs, which this rollout waits for, in the order of the queues. */
export async function changesOfOthers(pool: Pool, id: string, spps: readonly string[]): Promise<OtherChange[]> {
  const { rows } = await pool.query(
    `SELECT workflow_uuid, queue_partition_key AS spp, started_at_epoch_ms AS started FROM dbos.workflow_status
     WHERE queue_name = $1 AND status IN ('PENDING', 'ENQUEUED') AND queue_partition_key = ANY($2)
       AND NOT starts_with(workflow_uuid, $3 || '/')
     ORDER BY created_at, workflow_uuid`,
    [CHANGES_QUEUE, spps, id],
  );
  return rows.map(({ workflow_uuid, spp, started }) => {
    const [rollout = "", site = ""] = String(workflow_uuid).split("/");
    return { spp, rollout, site, ...(started === null ? {} : { since: new Date(Number(started)).toISOString() }) };
  });
}
