import type { Pool } from "pg";

/** A change of a site, by the id of its workflow. */
export interface ChangeOfSpp {
  run: string;
  spp: string;
}

/** Records that a change begins now. Without effect when it began before. */
export async function beginChange(pool: Pool, { run, spp }: ChangeOfSpp): Promise<void> {
  await pool.query("INSERT INTO rollout.changes (run, spp) VALUES ($1, $2) ON CONFLICT (run) DO NOTHING", [run, spp]);
}

/** Whether a change began, also in a process that has died since. */
export async function hasBegun(pool: Pool, run: string): Promise<boolean> {
  const { rowCount } = await pool.query("SELECT FROM rollout.changes WHERE run = $1", [run]);
  return rowCount === 1;
}

/** Records that a change that began has ended, so that all rollouts let its SPP rest. */
export async function endChange(pool: Pool, run: string): Promise<void> {
  await pool.query("UPDATE rollout.changes SET ended_at = now() WHERE run = $1", [run]);
}

/** Takes back that a change began, when it turns out that nothing was done. */
export async function forgetChange(pool: Pool, run: string): Promise<void> {
  await pool.query("DELETE FROM rollout.changes WHERE run = $1", [run]);
}

/** Until when an SPP rests after its latest change, in milliseconds since 1970 by the clock of this process; 0 when it had none. */
export async function restUntil(pool: Pool, spp: string, coolDownSeconds: number): Promise<number> {
  const { rows } = await pool.query(
    "SELECT extract(epoch FROM now() - max(ended_at)) AS ago FROM rollout.changes WHERE spp = $1",
    [spp],
  );
  const ago = rows[0]?.ago ?? undefined;
  return ago === undefined ? 0 : Date.now() + (coolDownSeconds - Number(ago)) * 1000;
}
