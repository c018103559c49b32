import { DBOS } from "@dbos-inc/dbos-sdk";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { type DatabaseLocation, openDatabase } from "../database/database";
import { declareDead, forgetDead, HEARTBEAT_MS, joinWorkers, keepAlive, leaveWorkers } from "./membership";
import { APPLICATION, CHANGES_QUEUE, CHECKS_QUEUE, ROLLOUTS_QUEUE, WORKFLOW_VERSION } from "./names";
import { quietLogger } from "./quiet-logger";
import { registerWorkflows, type SiteStep, type SiteStepContext } from "./workflows";

export interface WorkerOptions {
  database: DatabaseLocation;
  step: SiteStep;
  /** How often queues and rollouts look for work, in milliseconds. */
  pollMs?: number;
  /** Called when others may have taken over the work of this process, which must end at once. */
  onFenced: () => void;
}

export interface Worker {
  id: string;
  /** Takes no further work, waits for the sites in work, and leaves everything else to the next worker. */
  stop(): Promise<void>;
}

/** Makes this process a worker: it takes over the work of dead ones, and then works until it is stopped. One in a process. */
export async function startWorker({
  database: location,
  step,
  pollMs = 200,
  onFenced,
}: WorkerOptions): Promise<Worker> {
  const database = await openDatabase(location, true);
  const { pool } = database;
  const id = await joinWorkers(pool);
  const cancel = new AbortController();
  const ended = new AbortController();
  const active = new Set<Promise<unknown>>();
  let isStopping = false;
  const tracked: SiteStep = (context: SiteStepContext) => {
    // A run that never ends here stays open, and the next worker starts it.
    if (isStopping) return new Promise(() => {});
    const work = step(context).finally(() => active.delete(work));
    active.add(work);
    return work;
  };

  registerWorkflows({ pool, worker: id, step: tracked, signal: cancel.signal, pollMs });
  DBOS.setConfig({
    name: APPLICATION,
    systemDatabaseUrl: "postgres://rollout@localhost/rollout",
    systemDatabasePool: pool,
    executorID: id,
    applicationVersion: WORKFLOW_VERSION,
    // One connection serves all sessions of the embedded database, so that notifications would reach nobody.
    useListenNotify: !database.isEmbedded,
    runMigrations: false,
    logger: quietLogger,
  });
  await DBOS.launch();
  const polling = { minPollingIntervalMs: pollMs, onConflict: "always_update" as const };
  await DBOS.registerQueue(ROLLOUTS_QUEUE, polling);
  await DBOS.registerQueue(CHECKS_QUEUE, polling);
  await DBOS.registerQueue(CHANGES_QUEUE, { ...polling, partitionConcurrency: 1 });

  const fence = () => {
    cancel.abort(new Error("the work of this process was taken over"));
    onFenced();
  };
  void keepAlive(pool, id, ended.signal, fence);
  const janitor = setInterval(() => void takeOver(), HEARTBEAT_MS);
  await takeOver();

  /** Puts the work of dead workers back into its queues, where it would block the SPP of its site for ever. */
  async function takeOver(): Promise<void> {
    try {
      const dead = await declareDead(pool);
      if (dead.length === 0) return;
      // One statement of the database: of several workers that do this at once, one gets each run.
      await DBOSExecutor.globalInstance?.recoverPendingWorkflows(dead);
      await forgetDead(pool);
    } catch {
      // The database does not answer; the next round tries again.
    }
  }

  return {
    id,
    stop: async () => {
      isStopping = true;
      while (active.size > 0) await Promise.allSettled(active);
      clearInterval(janitor);
      ended.abort();
      await DBOS.shutdown();
      await leaveWorkers(pool, id);
      await database.close();
    },
  };
}
