import type { Pool } from "pg";
import { readEvents } from "../../rollout/database/journal";
import type { CliCall } from "./cli-calls";

/** Where the time of a run at a site goes, in milliseconds: means of all sites. */
export interface Stages {
  runs: number;
  /** In the queue, until a worker takes it. */
  queued: number;
  /** In the worker, until its step begins. */
  claimed: number;
  /** In the step, until the CLI runs. */
  prepared: number;
  /** In the CLI, which waits for the appliance. */
  cli: number;
  /** In the step after the CLI. */
  reported: number;
  /** Until the workflow engine has recorded its end. */
  recorded: number;
}

const COMMANDS = { check: "preview", apply: "up" } as const;

/** The stages of the checks and of the changes of a rollout in which each site had one of both. */
export async function timelineOf(pool: Pool, id: string, calls: readonly CliCall[]) {
  const { rows } = await pool.query(
    `SELECT split_part(workflow_uuid, '/', 2) AS site, split_part(workflow_uuid, '/', 3) AS phase, created_at::float AS created,
       started_at_epoch_ms::float AS started, completed_at::float AS completed
     FROM dbos.workflow_status WHERE starts_with(workflow_uuid, $1 || '/')`,
    [id],
  );
  const events = (await readEvents(pool, id)).filter((event) => event.type === "finished");
  const stagesOf = (phase: keyof typeof COMMANDS): Stages => {
    const runs = rows.filter((row) => row.phase === phase);
    const stages = runs.map(({ site, created, started, completed }) => {
      const event = events.find((one) => one.site === site && one.phase === phase);
      const call = calls.find(({ stack, command }) => stack === site && command === COMMANDS[phase]);
      if (!event || call?.endAt === undefined) throw new Error(`${site}: ${phase}: it has no result or no call`);
      return [created, started, event.startedAt, call.beginAt, call.endAt, event.at, completed];
    });
    /** The mean time from one moment to the next. */
    const mean = (from: number) => {
      const times = stages.map((moments) => moments[from + 1] - moments[from]);
      return Math.round(times.reduce((sum, time) => sum + time, 0) / times.length);
    };
    return {
      runs: runs.length,
      ...{ queued: mean(0), claimed: mean(1), prepared: mean(2), cli: mean(3), reported: mean(4), recorded: mean(5) },
    };
  };
  return { check: stagesOf("check"), apply: stagesOf("apply") };
}
