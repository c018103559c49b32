import { DBOS } from "@dbos-inc/dbos-sdk";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import { dbRetryConfig } from "@dbos-inc/dbos-sdk/internal/utils";
import { readAddress } from "../database/address";
import { type DatabaseLocation, openDatabase } from "../database/database";
import { quietLogger } from "../database/quiet-logger";
import { Bell } from "./bell";
import { LostRuns, leaveToOthers } from "./lost-runs";
import {
  declareDead,
  fencedAfterMs,
  forgetDead,
  HEARTBEAT_MS,
  joinWorkers,
  keepAlive,
  leaveWorkers,
} from "./membership";
import { APPLICATION, WORKFLOW_VERSION } from "./names";
import { isSuspended } from "./process-table";
import { registerQueues } from "./queues";
import { RunsInWork } from "./runs-in-work";
import { registerWorkflows, type SiteStep } from "./workflows";

export interface WorkerOptions {
  database: DatabaseLocation;
  step: SiteStep;
  /** How often queues and rollouts look for work, in milliseconds. */
  pollMs?: number;
  /** Called when others may have taken over the work of this process, which must end at once. */
  onFenced: () => void;
  /** Called with a step and its cause when something fails that does not belong to a site. */
  onFault?: (fault: string) => void;
}

/** The workflow engine waits up to a minute by default before it asks a database again that was away. */
const LONGEST_RETRY_SECONDS = 5;

/** A database that does not answer for so long is reported. */
const SILENT_AFTER_MS = 10_000;

/** Why a database may not answer, with the remedy. */
function silenceText(location: DatabaseLocation): string {
  const silence = `database: no answer for ${SILENT_AFTER_MS / 1000} s`;
  if (!("folder" in location)) return `${silence}; check the server and the network`;
  const pid = readAddress(location.folder)?.pid;
  if (pid === undefined || !isSuspended(pid)) return `${silence}; check the load of this machine`;
  return `${silence}: its process ${pid} is suspended; run kill -CONT ${pid} to let it go on, or kill -9 ${pid} to start another`;
}

export interface Worker {
  id: string;
  /** The names of the sites that it has in work. */
  sitesInWork(): string[];
  /** Takes no further work, leaves what only waits to others at once and everything else after the sites in work. */
  stop(): Promise<void>;
}

/** Makes this process a worker: it takes over the work of dead ones, and then works until it is stopped. One in a process. */
export async function startWorker({
  database: location,
  step,
  pollMs = 200,
  onFenced,
  onFault = () => {},
}: WorkerOptions): Promise<Worker> {
  const database = await openDatabase(location);
  const { pool } = database;
  const id = await joinWorkers(pool);
  const cancel = new AbortController();
  const ended = new AbortController();
  const runs = new RunsInWork((workflow) => leaveToOthers(pool, id, workflow));

  const signals = { signal: cancel.signal, ended: ended.signal };
  registerWorkflows({ pool, worker: id, step, runs, bell: new Bell(), pollMs, ...signals });
  DBOS.setConfig({
    name: APPLICATION,
    systemDatabaseUrl: "postgres://rollout@localhost/rollout",
    systemDatabasePool: pool,
    executorID: id,
    applicationVersion: WORKFLOW_VERSION,
    // No workflow waits for a message of the engine: what is sent to a rollout is in the inbox of its own.
    useListenNotify: false,
    runMigrations: false,
    logger: {
      ...quietLogger,
      error: (message) => {
        // What the engine still had in hand fails when it is shut down.
        if (!ended.signal.aborted) onFault(`workflow engine: ${message}`);
      },
    },
  });
  dbRetryConfig.maxBackoffSec = LONGEST_RETRY_SECONDS;
  await registerQueues(pool, pollMs);
  await DBOS.launch();

  const fence = () => {
    cancel.abort(new Error("the work of this process was taken over"));
    onFenced();
  };
  void keepAlive(pool, id, ended.signal, fence, fencedAfterMs(database.isEmbedded));
  const engine = DBOSExecutor.globalInstance;
  const lostRuns = new LostRuns(pool, id, (run) => engine?.systemDatabase.checkForRunningWorkflow(run) ?? true);
  let fault: string | undefined;
  let isTending = false;
  let tendingSince = 0;
  let isSilent = false;
  const janitor = setInterval(() => {
    const wasSilent = isSilent;
    isSilent = isTending && Date.now() - tendingSince > SILENT_AFTER_MS;
    if (isSilent && !wasSilent) onFault(silenceText(location));
    void tend();
  }, HEARTBEAT_MS);
  await tend();

  /** Puts work that nobody does back into its queues, where it would block the SPP of its site for ever. */
  async function tend(): Promise<void> {
    if (isTending) return;
    isTending = true;
    tendingSince = Date.now();
    try {
      const dead = await declareDead(pool);
      // One statement of the database: of several workers that do this at once, one gets each run.
      await engine?.recoverPendingWorkflows(dead);
      await forgetDead(pool);
      await lostRuns.requeue();
      fault = undefined;
    } catch (error) {
      // The worker has ended, and its connections with it.
      if (ended.signal.aborted) return;
      // The next round tries again.
      const cause = error instanceof Error ? error.message : String(error);
      if (cause !== fault) onFault(`take over sites of dead workers: ${cause}; trying again every 2 s`);
      fault = cause;
    } finally {
      isTending = false;
    }
  }

  return {
    id,
    sitesInWork: () => runs.sites,
    stop: async () => {
      const worked = runs.stop();
      // Claims nothing more, so that what is left goes to others.
      await engine?.deactivateEventReceivers();
      await worked;
      clearInterval(janitor);
      ended.abort();
      // The shutdown would record an error for each workflow that still belongs to this process.
      await leaveToOthers(pool, id);
      await DBOS.shutdown();
      await leaveWorkers(pool, id);
      await database.close();
    },
  };
}
