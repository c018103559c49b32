import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { isAlive, ownIdentity, type ProcessIdentity } from "./process-identity";

/** How often a worker says that it lives. */
export const HEARTBEAT_MS = 2000;
/** A worker of another machine is dead after this long without a heartbeat. */
const DEAD_AFTER_SECONDS = 60;
/** A worker that cannot say that it lives stops its work after this long, before others take it over. */
const FENCED_AFTER_MS = 30_000;
/**
 * The same with an embedded database. When it is away it is away for all, and its workers are processes of one machine, which are taken over
 * only when the system says that they are dead.
 */
const FENCED_AFTER_MS_EMBEDDED = 600_000;

/** Records this process as a worker, and gives its id. */
export async function joinWorkers(pool: Pool): Promise<string> {
  const { machine, pid, started } = ownIdentity();
  const id = `${machine.split(" ")[0]}-${pid}-${randomUUID().slice(0, 8)}`;
  await pool.query("INSERT INTO rollout.workers (id, machine, pid, started) VALUES ($1, $2, $3, $4)", [
    id,
    machine,
    pid,
    started,
  ]);
  return id;
}

/** How long a worker may go on without an answer of its database, in milliseconds. */
export const fencedAfterMs = (isEmbedded: boolean) => (isEmbedded ? FENCED_AFTER_MS_EMBEDDED : FENCED_AFTER_MS);

/**
 * Says that a worker lives until its signal aborts. Calls `onFenced` when others may have taken its work over, also while the
 * database leaves a request without an answer.
 */
export async function keepAlive(
  pool: Pool,
  id: string,
  signal: AbortSignal,
  onFenced: () => void,
  limitMs: number,
): Promise<void> {
  let last = new Moment();
  while (!signal.aborted) {
    const sentAt = new Moment();
    const isMember = await within(
      Math.max(Math.min(ANSWER_MS, limitMs), limitMs - last.agoMs + 1),
      signal,
      beat(pool, id),
    );
    // The database has noted it after it was sent.
    if (isMember) last = sentAt;
    if (signal.aborted) return;
    if (isMember === false || (isMember === undefined && last.agoMs >= limitMs)) return onFenced();
    await pause(HEARTBEAT_MS, signal);
  }
}

/** How long a database has for its answer at least, also after a machine was suspended or its clock was set. */
const ANSWER_MS = 5000;

/** A moment of this process: the clock of the day may be set, and the other one stands still while the machine is suspended. */
class Moment {
  private readonly day = Date.now();
  private readonly running = performance.now();

  /** How long ago it is at most. */
  get agoMs(): number {
    return Math.ceil(Math.max(Date.now() - this.day, performance.now() - this.running));
  }
}

/** The result of some work, and undefined when it takes too long. */
async function within<T>(milliseconds: number, signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  const isDone = new AbortController();
  const limit = pause(Math.max(0, milliseconds), AbortSignal.any([signal, isDone.signal])).then(() => undefined);
  return Promise.race([work, limit]).finally(() => isDone.abort());
}

/** False when another worker has declared this one dead, undefined when the database does not answer. */
async function beat(pool: Pool, id: string): Promise<boolean | undefined> {
  try {
    const { rowCount } = await pool.query(
      "UPDATE rollout.workers SET heartbeat = now() WHERE id = $1 AND NOT is_dead",
      [id],
    );
    return rowCount === 1;
  } catch {
    // The time since the last answer decides.
    return undefined;
  }
}

/**
 * Declares workers dead that are: the system says so for those of this machine, a missing heartbeat for others. Gives the ids of
 * all dead ones. From then on they cannot say any more that they live.
 */
export async function declareDead(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query(
    "SELECT id, machine, pid, started, is_dead, extract(epoch FROM now() - heartbeat) AS silent FROM rollout.workers",
  );
  const dead = rows.filter((row: ProcessIdentity & { is_dead: boolean; silent: string }) => {
    const alive = isAlive(row);
    return row.is_dead || (alive === undefined ? Number(row.silent) > DEAD_AFTER_SECONDS : !alive);
  });
  const ids = dead.map(({ id }: { id: string }) => id);
  if (ids.length > 0) await pool.query("UPDATE rollout.workers SET is_dead = true WHERE id = ANY($1)", [ids]);
  return ids;
}

/** The ids of the workers that are not declared dead. */
export async function livingWorkers(pool: Pool): Promise<string[]> {
  await declareDead(pool);
  const { rows } = await pool.query("SELECT id FROM rollout.workers WHERE NOT is_dead ORDER BY id");
  return rows.map(({ id }: { id: string }) => id);
}

/** Declares this worker dead, so that others take over what it leaves. */
export async function leaveWorkers(pool: Pool, id: string): Promise<void> {
  await pool.query("UPDATE rollout.workers SET is_dead = true WHERE id = $1", [id]);
}

/** Forgets workers that have been dead for a day. Until then, one that was only suspended finds that it was declared dead. */
export async function forgetDead(pool: Pool): Promise<void> {
  await pool.query("DELETE FROM rollout.workers WHERE is_dead AND heartbeat < now() - interval '1 day'");
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
}
