import { setTimeout as sleep } from "node:timers/promises";
import { Pool, type PoolConfig } from "pg";
import { reachEmbedded } from "./embedded";
import { migrate } from "./migrate";

/** Where rollouts are kept: the folder of an embedded database, or the URL of a PostgreSQL database. */
export type DatabaseLocation = { folder: string; idleSeconds?: number } | { url: string };

export interface Database {
  pool: Pool;
  isEmbedded: boolean;
  close(): Promise<void>;
}

/** How often a worker makes sure that the embedded database runs. */
const WATCH_MS = 1000;
const MAXIMUM_CONNECTIONS = 10;

/**
 * Opens the database with its tables up to date. With `keepsAlive`, an embedded database that ends is started again.
 * @throws Error when the database cannot be reached
 */
export async function openDatabase(location: DatabaseLocation, keepsAlive = false): Promise<Database> {
  const isEmbedded = "folder" in location;
  const reach = () => (isEmbedded ? reachEmbedded(location.folder, location.idleSeconds) : undefined);
  const address = await reach();
  const settings: PoolConfig = address
    ? { host: address.host, port: address.port, user: "postgres", database: "postgres" }
    : { connectionString: "url" in location ? location.url : undefined };
  const pool = new Pool({ ...settings, max: MAXIMUM_CONNECTIONS });
  // A connection that breaks while idle would end the process; the next query reports the fault.
  pool.on("error", () => {});
  // The server of an embedded database has done this before it answers.
  if (!isEmbedded) await migrate(pool);
  const ended = new AbortController();
  if (keepsAlive && isEmbedded) void keepRunning(location, ended.signal);
  const close = async () => {
    ended.abort();
    await pool.end();
  };
  return { pool, isEmbedded, close };
}

/** Starts the embedded database again whenever it has ended. */
async function keepRunning(
  { folder, idleSeconds }: { folder: string; idleSeconds?: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await reachEmbedded(folder, idleSeconds, signal);
      await sleep(WATCH_MS, undefined, { signal });
    } catch {
      // It does not start, which every command that needs it reports.
    }
  }
}
