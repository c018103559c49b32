import type { Pool } from "pg";

/** A workflow that the database assigns to this process. */
interface Assigned {
  workflow_uuid: string;
  owner_xid: string | null;
}

/**
 * Finds workflows that the database assigns to this process and that it does not run. A connection that breaks after the database has
 * committed a claim, and before its answer arrives, leaves them: nobody runs them, and they block the queue of their SPP.
 */
export class LostRuns {
  private suspects = new Map<string, string | null>();

  constructor(
    private readonly pool: Pool,
    private readonly worker: string,
    private readonly isRunning: (workflow: string) => boolean,
  ) {}

  /** Puts what two rounds in a row found back into its queue: what one round finds may have just been claimed. */
  async requeue(): Promise<void> {
    const { rows } = await this.pool.query<Assigned>(
      "SELECT workflow_uuid, owner_xid FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id = $1",
      [this.worker],
    );
    const idle = rows.filter(({ workflow_uuid }) => !this.isRunning(workflow_uuid));
    const lost = idle.filter(({ workflow_uuid, owner_xid }) => this.suspects.get(workflow_uuid) === owner_xid);
    this.suspects = new Map(idle.map(({ workflow_uuid, owner_xid }) => [workflow_uuid, owner_xid]));
    for (const { workflow_uuid, owner_xid } of lost) {
      // As the engine does with the workflows of dead processes. Whoever still holds the old claim cannot record anything any more.
      await this.pool.query(
        `UPDATE dbos.workflow_status
         SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL, updated_at = (extract(epoch FROM now()) * 1000)::bigint
         WHERE workflow_uuid = $1 AND status = 'PENDING' AND executor_id = $2 AND owner_xid IS NOT DISTINCT FROM $3`,
        [workflow_uuid, this.worker, owner_xid],
      );
    }
  }
}
