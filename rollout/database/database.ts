import { Client, type Pool } from "pg";
import { reachEmbedded } from "./embedded";
import { ConnectionLost, ReachingPool } from "./reaching-pool";
import { ServerRefusal } from "./server-fault";

/** Where rollouts are kept: the folder of an embedded database, or the URL of a PostgreSQL database. */
export type DatabaseLocation = { folder: string; idleSeconds?: number } | { url: string };

export interface Database {
  pool: Pool;
  isEmbedded: boolean;
  close(): Promise<void>;
}

const MAXIMUM_CONNECTIONS = 10;

/** How long a PostgreSQL server may take, in milliseconds. */
export interface ServerLimits {
  /** Until a connection can be used. */
  connectMs: number;
  /** For the answer to one request, which may be the journal of 5,000 sites. */
  answerMs: number;
}

const LIMITS: ServerLimits = { connectMs: 15_000, answerMs: 60_000 };
/** An idle connection that a firewall dropped is found before it is needed. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/**
 * Opens the database with its tables up to date. An embedded database that ends is started again by whoever needs it next.
 * @throws Error when the database cannot be reached
 */
export async function openDatabase(location: DatabaseLocation, limits: ServerLimits = LIMITS): Promise<Database> {
  const isEmbedded = "folder" in location;
  const pool = isEmbedded ? await embeddedPool(location) : await serverPool(location.url, limits);
  return { pool, isEmbedded, close: () => pool.end() };
}

async function embeddedPool({ folder, idleSeconds }: { folder: string; idleSeconds?: number }): Promise<Pool> {
  const start = () => reachEmbedded(folder, idleSeconds);
  await start();
  // Its server has migrated the tables before it answers.
  return withoutEvents(
    new ReachingPool({ user: "postgres", database: "postgres", max: MAXIMUM_CONNECTIONS }, { folder, start }),
  );
}

async function serverPool(connectionString: string, { connectMs, answerMs }: ServerLimits): Promise<Pool> {
  const config = {
    connectionString,
    max: MAXIMUM_CONNECTIONS,
    query_timeout: answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  };
  // The workflow engine takes long to load; the server of an embedded database has loaded it already.
  const { migrate } = require("./migrate") as typeof import("./migrate");
  const { host, port } = new Client({ connectionString });
  const pool = withoutEvents(new ReachingPool(config, { server: `${host}:${port}`, connectMs }));
  try {
    await migrate(pool);
    return pool;
  } catch (error) {
    void pool.end();
    throw error instanceof Error && !(error instanceof ConnectionLost)
      ? new ServerRefusal(`${host}:${port}`, error)
      : error;
  }
}

/** A connection that breaks while idle would end the process; the next query reports the fault. */
function withoutEvents(pool: Pool): Pool {
  return pool.on("error", () => {});
}
