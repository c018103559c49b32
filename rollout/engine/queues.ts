import type { DBOSClient } from "@dbos-inc/dbos-sdk";
import type { Pool } from "pg";
import { quietLogger } from "../database/quiet-logger";
import { APPLICATION, CHANGES_QUEUE, CHECKS_QUEUE, ROLLOUTS_QUEUE } from "./names";

/** Reaches the queues of the workflow engine without running any workflow. */
export async function withClient<T>(pool: Pool, work: (client: DBOSClient) => Promise<T>): Promise<T> {
  // It takes long to load, which commands that only read do not wait for.
  const engine = require("@dbos-inc/dbos-sdk") as typeof import("@dbos-inc/dbos-sdk");
  const client = await engine.DBOSClient.create({
    systemDatabaseUrl: "postgres://rollout@localhost/rollout",
    systemDatabasePool: pool,
    applicationName: APPLICATION,
    logger: quietLogger,
  });
  try {
    return await work(client);
  } finally {
    await client.destroy();
  }
}

/**
 * Records the queues, and how often workers look into them, in milliseconds. Before the engine starts: it finds what is recorded
 * afterwards only a second later.
 */
export async function registerQueues(pool: Pool, pollMs: number): Promise<void> {
  await withClient(pool, async (client) => {
    const polling = { minPollingIntervalMs: pollMs };
    await client.registerQueue(ROLLOUTS_QUEUE, polling);
    await client.registerQueue(CHECKS_QUEUE, polling);
    await client.registerQueue(CHANGES_QUEUE, { ...polling, partitionConcurrency: 1 });
  });
}
