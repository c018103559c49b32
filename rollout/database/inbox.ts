import type { Pool } from "pg";
import type { RolloutEvent } from "../machine/events";
import { jsonOf } from "./journal";

/** An event that was sent to a rollout and is not in its journal yet. */
export interface Message {
  /** Its number in the inbox; absent for an event that nobody sent. */
  number?: string;
  event: RolloutEvent;
}

/** Sends an event to a rollout. The same message again changes nothing, so that sending may be repeated after a crash. */
export async function sendMessage(pool: Pool, rollout: string, message: string, event: RolloutEvent): Promise<void> {
  await pool.query(
    "INSERT INTO rollout.inbox (rollout, message, event) VALUES ($1, $2, $3) ON CONFLICT (message) DO NOTHING",
    [rollout, message, jsonOf(event)],
  );
}

/** The messages that a rollout has not taken yet, in the order in which they were sent. */
export async function waitingMessages(pool: Pool, rollout: string): Promise<Message[]> {
  const { rows } = await pool.query(
    "SELECT number, event FROM rollout.inbox WHERE rollout = $1 AND NOT is_taken ORDER BY number",
    [rollout],
  );
  return rows;
}

/** How many messages were sent to a rollout. Each becomes one event of its journal. */
export async function sentMessages(pool: Pool, rollout: string): Promise<number> {
  const { rows } = await pool.query("SELECT count(*)::int AS sent FROM rollout.inbox WHERE rollout = $1", [rollout]);
  return rows[0].sent;
}
