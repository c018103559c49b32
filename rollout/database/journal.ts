import type { Pool } from "pg";
import type { RolloutEvent } from "../machine/events";
import type { Halt } from "../machine/halt";
import type { Plan } from "../plan/plan";

/** One rollout: a plan that was started. */
export interface RolloutRecord {
  /** Name and number, such as `branches.3`. */
  id: string;
  name: string;
  number: number;
  /** Absolute path of its rollout.yaml. */
  file: string;
  plan: Plan;
  /** In milliseconds since 1970. */
  createdAt: number;
}

const COLUMNS = "id, name, number, file, plan, extract(epoch FROM created_at) * 1000 AS created_at";

/** Records a new rollout under a number of its name; undefined when another process has just taken that number. */
export async function createRollout(
  pool: Pool,
  plan: Plan,
  file: string,
  number: number,
): Promise<RolloutRecord | undefined> {
  const { rows } = await pool.query(
    `INSERT INTO rollout.rollouts (id, name, number, file, plan) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [`${plan.name}.${number}`, plan.name, number, file, JSON.stringify(plan)],
  );
  return rows[0] && recordOf(rows[0]);
}

/** The latest rollout of a name. */
export async function latestRollout(pool: Pool, name: string): Promise<RolloutRecord | undefined> {
  const { rows } = await pool.query(
    `SELECT ${COLUMNS} FROM rollout.rollouts WHERE name = $1 ORDER BY number DESC LIMIT 1`,
    [name],
  );
  return rows[0] && recordOf(rows[0]);
}

/** A rollout by its id, or the latest one by its name. */
export async function findRollout(pool: Pool, idOrName: string): Promise<RolloutRecord | undefined> {
  const { rows } = await pool.query(
    `SELECT ${COLUMNS} FROM rollout.rollouts WHERE id = $1 OR name = $1 ORDER BY (id = $1) DESC, number DESC LIMIT 1`,
    [idOrName],
  );
  return rows[0] && recordOf(rows[0]);
}

/** All rollouts, the latest first. */
export async function allRollouts(pool: Pool): Promise<RolloutRecord[]> {
  const { rows } = await pool.query(`SELECT ${COLUMNS} FROM rollout.rollouts ORDER BY created_at DESC, id`);
  return rows.map(recordOf);
}

/** Events for the end of a journal. */
export interface Appended {
  events: readonly RolloutEvent[];
  /** The number of the first one: how many the journal has had so far. */
  seq: number;
  /** The numbers of the messages in the inbox that these events were. */
  messages: readonly string[];
  /** What stops the changes of the rollout after them. */
  halt: Halt | undefined;
}

/** PostgreSQL's code for a row that exists already. */
const UNIQUE_VIOLATION = "23505";

/**
 * Appends events, takes their messages from the inbox, and records what stops the changes of the rollout after them: all in one statement or
 * nothing, so that no message is lost or taken twice, and no worker starts a change that these events stop. False when the journal goes on
 * otherwise, or with these events already because their answer was lost.
 */
export async function appendEvents(
  pool: Pool,
  rollout: string,
  { events, seq, messages, halt }: Appended,
): Promise<boolean> {
  try {
    await pool.query(
      `WITH appended AS (
         INSERT INTO rollout.journal (rollout, seq, event)
         SELECT $1, $2::int + place::int - 1, event FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS given (event, place)
       ), taken AS (
         UPDATE rollout.inbox SET is_taken = true WHERE number = ANY($4::bigint[])
       )
       UPDATE rollout.rollouts SET halt = $5::jsonb WHERE id = $1 AND halt IS DISTINCT FROM $5::jsonb`,
      [rollout, seq, jsonOf(events), messages, halt === undefined ? null : JSON.stringify(halt)],
    );
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === UNIQUE_VIOLATION) return false;
    throw error;
  }
}

/** Earlier rollouts whose changes show how long one takes; older ones were of another program or network. */
const EARLIER_ROLLOUTS = 3;

/** The median duration of the changes of the latest rollouts of a name, in seconds; undefined when they made none. */
export async function usualChangeSeconds(pool: Pool, name: string): Promise<number | undefined> {
  const { rows } = await pool.query(
    `SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY (event->>'at')::float8 - (event->>'startedAt')::float8) AS usual
     FROM rollout.journal
     WHERE rollout IN (SELECT id FROM rollout.rollouts WHERE name = $1 ORDER BY number DESC LIMIT $2)
       AND event->>'type' = 'finished' AND event->>'phase' = 'apply' AND event->'result'->>'outcome' = 'done'`,
    [name, EARLIER_ROLLOUTS],
  );
  const usual = rows[0]?.usual ?? undefined;
  return usual === undefined ? undefined : Math.max(1, Math.ceil(Number(usual) / 1000));
}

/** What stops the changes of a rollout now; undefined when nothing does. */
export async function readHalt(pool: Pool, rollout: string): Promise<Halt | undefined> {
  const { rows } = await pool.query("SELECT halt FROM rollout.rollouts WHERE id = $1", [rollout]);
  return rows[0]?.halt ?? undefined;
}

/** The JSON form of a value as PostgreSQL stores it: without NUL and without halves of characters, which it refuses. */
export function jsonOf(stored: object): string {
  return JSON.stringify(stored, (_, value) =>
    typeof value === "string" ? value.replace(/\0|\p{Surrogate}/gu, "\ufffd") : value,
  );
}

/** The events of a rollout from a number on, in their order. In one row: ten thousand rows take the embedded database three times as long. */
export async function readEvents(pool: Pool, rollout: string, from = 0): Promise<RolloutEvent[]> {
  const { rows } = await pool.query(
    "SELECT coalesce(json_agg(event ORDER BY seq), '[]') AS events FROM rollout.journal WHERE rollout = $1 AND seq >= $2",
    [rollout, from],
  );
  return rows[0].events;
}

function recordOf(row: Record<string, unknown>): RolloutRecord {
  const { created_at: createdAt, ...rest } = row;
  return { ...(rest as Omit<RolloutRecord, "createdAt">), createdAt: Math.round(Number(createdAt)) };
}
