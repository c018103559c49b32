import type { Pool } from "pg";
import type { SiteResult } from "../machine/events";
import type { Halt } from "../machine/halt";
import { jsonOf } from "./journal";

/** A change of a site, by the id of its workflow. */
export interface ChangeOfSpp {
  run: string;
  spp: string;
  /** The id of its rollout. */
  rollout: string;
}

/** Where the processes of a change are found. */
export interface Begun {
  /** What marks its processes; empty for work that starts none. */
  mark: string;
  /** The machine as its process identity names it. */
  machine: string;
}

/** How a change ended. */
export interface EndedChange {
  /** In milliseconds since 1970. */
  startedAt: number;
  /** How often its work was started; more than once after a crash. */
  starts: number;
  result: SiteResult;
}

/**
 * Records that a change begins now, in one statement with a look at what stops its rollout, and gives how often it has begun: 0, and nothing
 * is recorded, when that is not `halt` any more. A change that began before begins again.
 */
export async function beginChange(
  pool: Pool,
  { run, spp, rollout }: ChangeOfSpp,
  { mark, machine }: Begun,
  halt: Halt | undefined,
): Promise<number> {
  const { rows } = await pool.query(
    `INSERT INTO rollout.changes (run, spp, mark, machine)
     SELECT $1, $2, $3, $4 FROM rollout.rollouts WHERE id = $5 AND halt IS NOT DISTINCT FROM $6::jsonb FOR SHARE
     ON CONFLICT (run) DO UPDATE SET mark = excluded.mark, machine = excluded.machine, waits_for = NULL, starts = changes.starts + 1
     RETURNING starts`,
    [run, spp, mark, machine, rollout, halt === undefined ? null : JSON.stringify(halt)],
  );
  return rows[0]?.starts ?? 0;
}

/** What the database knows of a change before its work begins. */
export interface KnownChange {
  /** Where it began, also in a process that has died since, how often, and how it ended if that is known; undefined when it did not begin. */
  begun?: Begun & { starts: number; ended?: EndedChange };
  /** What stops the changes of its rollout; undefined when nothing does. */
  halt?: Halt;
}

/** What is known of a change of a rollout. */
export async function knownChange(pool: Pool, run: string, rollout: string): Promise<KnownChange> {
  const { rows } = await pool.query(
    `SELECT halt, run, mark, machine, starts, result FROM rollout.rollouts LEFT JOIN rollout.changes ON run = $1 WHERE id = $2`,
    [run, rollout],
  );
  const [{ halt, run: begun, mark, machine, starts, result } = {} as Record<string, never>] = rows;
  return {
    ...(begun && { begun: { mark, machine, starts, ...(result && { ended: result }) } }),
    ...(halt && { halt }),
  };
}

/** Records that a change that began has ended and how, so that all rollouts let its SPP rest, and nobody does it again. */
export async function endChange(pool: Pool, run: string, ended: EndedChange): Promise<void> {
  await pool.query("UPDATE rollout.changes SET ended_at = now(), result = $2 WHERE run = $1", [run, jsonOf(ended)]);
}

/** Records what a change that began waits for. */
export async function changeWaits(pool: Pool, run: string, waitsFor: string): Promise<void> {
  await pool.query("UPDATE rollout.changes SET waits_for = $2 WHERE run = $1", [run, waitsFor]);
}

/** Records how often a change has really begun, because its stack was locked and nothing was started, and what it waits for. */
export async function changeIsLocked(pool: Pool, run: string, waitsFor: string, starts: number): Promise<void> {
  await pool.query("UPDATE rollout.changes SET waits_for = $2, starts = $3 WHERE run = $1", [run, waitsFor, starts]);
}

/** Takes back that a change began, when it turns out that nothing was done. */
export async function forgetChange(pool: Pool, run: string): Promise<void> {
  await pool.query("DELETE FROM rollout.changes WHERE run = $1", [run]);
}

/** A change in work that waits for what an earlier one has left. */
export interface WaitingChange {
  spp: string;
  /** The id of its workflow: rollout, site, phase and attempt. */
  run: string;
  waitsFor: string;
}

/** What the changes in work at the given SPPs wait for, by SPP and run. */
export async function waitingChanges(pool: Pool, spps: readonly string[]): Promise<WaitingChange[]> {
  const { rows } = await pool.query(
    `SELECT spp, run, waits_for AS "waitsFor" FROM rollout.changes
     WHERE ended_at IS NULL AND waits_for IS NOT NULL AND spp = ANY($1) ORDER BY spp, run`,
    [spps],
  );
  return rows;
}

/** Until when an SPP rests after its latest change, in milliseconds since 1970 by the clock of this process; 0 when it had none. */
export async function restUntil(pool: Pool, spp: string, coolDownSeconds: number): Promise<number> {
  const { rows } = await pool.query(
    "SELECT extract(epoch FROM now() - max(ended_at)) AS ago FROM rollout.changes WHERE spp = $1",
    [spp],
  );
  return restEnd(rows[0]?.ago ?? null, coolDownSeconds);
}

/** @param ago seconds since the latest change, as the database writes them; null when there was none */
const restEnd = (ago: string | null, coolDownSeconds: number) =>
  ago === null ? 0 : Date.now() + (coolDownSeconds - Number(ago)) * 1000;

/** What the database knows of the turns at one SPP, whatever the rollout. */
export interface TurnsAtSpp {
  spp: string;
  /** Until when it rests after its latest change, in milliseconds since 1970 by the clock of this process; 0 when it had none. */
  restsUntil: number;
  /** The sites of the given rollout whose change has begun and not ended. */
  begun: string[];
}

/** The turns at some SPPs as a rollout sees them, for `status`. */
export async function turnsAt(
  pool: Pool,
  rollout: string,
  spps: readonly string[],
  coolDownSeconds: number,
): Promise<TurnsAtSpp[]> {
  const { rows } = await pool.query(
    `SELECT spp, extract(epoch FROM now() - max(ended_at)) AS ago,
       array_agg(split_part(run, '/', 2)) FILTER (WHERE ended_at IS NULL AND starts_with(run, $1 || '/')) AS begun
     FROM rollout.changes WHERE spp = ANY($2) GROUP BY spp ORDER BY spp`,
    [rollout, spps],
  );
  return rows.map(({ spp, ago, begun }) => {
    const restsUntil = coolDownSeconds === 0 ? 0 : restEnd(ago, coolDownSeconds);
    return { spp, restsUntil, begun: begun ?? [] };
  });
}
