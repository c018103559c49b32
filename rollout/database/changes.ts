import type { Pool } from "pg";

/** Notes that a change of an SPP ended now, so that all rollouts let it rest. */
export async function noteChange(pool: Pool, spp: string): Promise<void> {
  await pool.query(
    "INSERT INTO rollout.spp_changes (spp) VALUES ($1) ON CONFLICT (spp) DO UPDATE SET changed_at = now()",
    [spp],
  );
}

/** Until when an SPP rests after its latest change, in milliseconds since 1970 by the clock of this process; 0 when it had none. */
export async function restUntil(pool: Pool, spp: string, coolDownSeconds: number): Promise<number> {
  const { rows } = await pool.query(
    "SELECT extract(epoch FROM now() - changed_at) AS ago FROM rollout.spp_changes WHERE spp = $1",
    [spp],
  );
  return rows.length === 0 ? 0 : Date.now() + (coolDownSeconds - Number(rows[0].ago)) * 1000;
}
