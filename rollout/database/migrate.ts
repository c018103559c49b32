import { ensureSystemDatabase } from "@dbos-inc/dbos-sdk/internal/system_database";
import { GlobalLogger } from "@dbos-inc/dbos-sdk/internal/telemetry/logs";
import type { Pool, PoolClient } from "pg";
import { quietLogger } from "./quiet-logger";
import { ConnectionLost } from "./reaching-pool";

/** A number that only this migration locks. */
const LOCK = 7_302_114;

/**
 * `plan` has no values of configuration, `halt` says why no change may start, `journal` has one event a row, and `inbox` what was sent to a
 * rollout to become one; `workers` shows which processes are alive, `changes` where and when the change of
 * a site began, how often it was started, and how it ended.
 */
const TABLES = `
CREATE SCHEMA IF NOT EXISTS rollout;
CREATE TABLE IF NOT EXISTS rollout.rollouts (
  id text PRIMARY KEY,
  name text NOT NULL,
  number int NOT NULL,
  file text NOT NULL,
  plan jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (name, number)
);
ALTER TABLE rollout.rollouts ADD COLUMN IF NOT EXISTS halt jsonb;
CREATE TABLE IF NOT EXISTS rollout.journal (
  rollout text NOT NULL REFERENCES rollout.rollouts (id),
  seq int NOT NULL,
  event jsonb NOT NULL,
  PRIMARY KEY (rollout, seq)
);
CREATE TABLE IF NOT EXISTS rollout.inbox (
  number bigserial PRIMARY KEY,
  rollout text NOT NULL REFERENCES rollout.rollouts (id),
  message text NOT NULL UNIQUE,
  event jsonb NOT NULL,
  is_taken boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS inbox_of_rollout ON rollout.inbox (rollout, is_taken);
CREATE TABLE IF NOT EXISTS rollout.changes (
  run text PRIMARY KEY,
  spp text NOT NULL,
  mark text NOT NULL,
  machine text NOT NULL,
  began_at timestamptz NOT NULL DEFAULT now(),
  waits_for text,
  ended_at timestamptz,
  result jsonb
);
ALTER TABLE rollout.changes ADD COLUMN IF NOT EXISTS starts int NOT NULL DEFAULT 1;
CREATE INDEX IF NOT EXISTS changes_of_spp ON rollout.changes (spp, ended_at);
CREATE TABLE IF NOT EXISTS rollout.workers (
  id text PRIMARY KEY,
  machine text NOT NULL,
  pid int NOT NULL,
  started text NOT NULL,
  heartbeat timestamptz NOT NULL DEFAULT now(),
  is_dead boolean NOT NULL DEFAULT false
);`;

/**
 * Creates the tables of the workflow engine and our own. Of processes that start together, one does it and the others wait: the
 * engine's own migrations deadlock when two run at once.
 */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    await ensureSystemDatabase("", new GlobalLogger(undefined, { logger: quietLogger }), pool);
    await client.query(TABLES);
  } catch (error) {
    // The server unlocks what a closed connection has locked; to ask for it would only wait once more.
    if (error instanceof ConnectionLost) client.release(true);
    else await unlock(client);
    throw error;
  }
  await unlock(client);
}

async function unlock(client: PoolClient): Promise<void> {
  await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
  client.release();
}
