import type { Pool } from "pg";

/** A workflow that the database assigns to this process. */
interface Assigned {
  workflow_uuid: string;
  owner_xid: string | null;
}

/**
 * Puts workflows that the database assigns to a process back into their queues, as the engine does with those of dead ones. Who still
 * holds the old claim cannot record anything any more.
 */
const PUT_BACK = `UPDATE dbos.workflow_status
  SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL, updated_at = (extract(epoch FROM now()) * 1000)::bigint
  WHERE status = 'PENDING' AND executor_id = $1`;

/** Leaves a workflow of a worker to others; all of its workflows by default. */
export async function leaveToOthers(pool: Pool, worker: string, workflow?: string): Promise<void> {
  await pool.query(`${PUT_BACK} AND workflow_uuid = coalesce($2, workflow_uuid)`, [worker, workflow]);
}

/** How long a run may be assigned to this process without running. The database may be slow between its claim and its begin. */
const PATIENCE_MS = 10_000;

/**
 * Finds workflows that the database assigns to this process and that it does not run. A connection that breaks after the database has
 * committed a claim, and before its answer arrives, leaves them: nobody runs them, and they block the queue of their SPP.
 */
export class LostRuns {
  private suspects = new Map<string, { owner: string | null; since: number }>();

  constructor(
    private readonly pool: Pool,
    private readonly worker: string,
    private readonly isRunning: (workflow: string) => boolean,
  ) {}

  /** Puts what every round of ten seconds found back into its queue: a run may have been claimed and not begun yet. */
  async requeue(): Promise<void> {
    const { rows } = await this.pool.query<Assigned>(
      "SELECT workflow_uuid, owner_xid FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id = $1",
      [this.worker],
    );
    const idle = rows.filter(({ workflow_uuid }) => !this.isRunning(workflow_uuid));
    this.suspects = new Map(
      idle.map(({ workflow_uuid, owner_xid }) => {
        const before = this.suspects.get(workflow_uuid);
        const since = before?.owner === owner_xid ? before.since : Date.now();
        return [workflow_uuid, { owner: owner_xid, since }];
      }),
    );
    for (const [workflow_uuid, { owner: owner_xid, since }] of this.suspects) {
      if (Date.now() - since < PATIENCE_MS || this.isRunning(workflow_uuid)) continue;
      await this.pool.query(`${PUT_BACK} AND workflow_uuid = $2 AND owner_xid IS NOT DISTINCT FROM $3`, [
        this.worker,
        workflow_uuid,
        owner_xid,
      ]);
    }
  }
}
