import type { Pool } from "pg";
import { reachEmbedded } from "./embedded";
import { migrate } from "./migrate";
import { ReachingPool } from "./reaching-pool";

/** Where rollouts are kept: the folder of an embedded database, or the URL of a PostgreSQL database. */
export type DatabaseLocation = { folder: string; idleSeconds?: number } | { url: string };

export interface Database {
  pool: Pool;
  isEmbedded: boolean;
  close(): Promise<void>;
}

const MAXIMUM_CONNECTIONS = 10;

/**
 * Opens the database with its tables up to date. An embedded database that ends is started again by whoever needs it next.
 * @throws Error when the database cannot be reached
 */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  const isEmbedded = "folder" in location;
  const pool = isEmbedded ? await embeddedPool(location) : await serverPool(location.url);
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

async function serverPool(connectionString: string): Promise<Pool> {
  const pool = withoutEvents(new ReachingPool({ connectionString, max: MAXIMUM_CONNECTIONS }));
  await migrate(pool);
  return pool;
}

/** A connection that breaks while idle would end the process; the next query reports the fault. */
function withoutEvents(pool: Pool): Pool {
  return pool.on("error", () => {});
}
