import type { Pool } from "pg";
import { createRollout, latestRollout, type RolloutRecord } from "../database/journal";
import type { Plan } from "../plan/plan";

/** Records a rollout that no worker takes, under the next number of its name. @throws Error when another process takes that number */
export async function recordedRollout(pool: Pool, plan: Plan, file = "/nowhere/rollout.yaml"): Promise<RolloutRecord> {
  const { number = 0 } = (await latestRollout(pool, plan.name)) ?? {};
  const record = await createRollout(pool, plan, file, number + 1);
  if (record === undefined) throw new Error(`rollout ${plan.name}: another process has taken its number`);
  return record;
}
