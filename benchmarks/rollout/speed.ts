import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { readAddress } from "../../rollout/database/address";
import { startRollout } from "../../rollout/engine/client";
import { loadRollout } from "../../rollout/plan/load";
import type { RolloutBed } from "../../rollout/testing/rollout-bed";
import { WORKER } from "./kills";
import { PulumiSites } from "./pulumi-sites";
import { type SpeedSites, StubSites } from "./speed-sites";
import { timelineOf } from "./timeline";
import { measured, processorSeconds } from "./usage";

/** The CLI waits meanwhile and uses no processor, as one that waits for an appliance does. */
const TIMES = { most: 20_000, slowest: 30_000 };
const CANARIES = 2;
const WAVES = 2;

type Command = "preview" | "up";

/**
 * A rollout of many sites in two waves, and the loops that people write: all sites of a wave at once, with the change alone, and
 * with the preview that a rollout makes too. All run the same CLI, one after the other. Each site has an SPP of its own, so that none waits.
 */
export async function speedOf(bed: RolloutBed, sites: number, isPulumi: boolean) {
  const settings = `parallelism: ${sites}\ncanary: { count: ${CANARIES} }\n`;
  const farm = isPulumi ? new PulumiSites(sites, settings, TIMES) : await StubSites.start(sites, settings, TIMES);
  const { pool } = bed.database;
  try {
    await farm.prepare();
    const { pid = 0 } = await bed.fork(WORKER, ["pulumi"]);
    const server = "folder" in bed.location ? readAddress(bed.location.folder)?.pid : undefined;
    const used = () => ({ worker: processorSeconds(pid), database: server ? processorSeconds(server).own : 0 });
    const before = used();
    let id = "";
    const rollout = await measured(async () => {
      ({ id } = await startRollout(pool, loadRollout(farm.file).plan, farm.file, "bench"));
      // Asks for one row, so that the worker has the database for itself.
      while (!(await isEnded(pool, id))) await pause(END_POLL_MS);
    });
    const after = used();
    const calls = farm.takeCalls();
    const joined = farm.joined();
    const millisecondsPerRun = await timelineOf(pool, id, calls);
    await bed.killWorkers();
    const loop = async (commands: readonly Command[]) => {
      await farm.prepare();
      farm.takeCalls();
      const use = await measured(() => shellLoop(farm, sites, commands));
      return { ...use, cliStartsPerSite: ratio(farm.takeCalls().length, sites), joined: farm.joined() };
    };
    const loops = { up: await loop(["up"]), previewAndUp: await loop(["preview", "up"]) };
    const slowestTimesWaves = (TIMES.slowest / 1000) * WAVES;
    return {
      sites,
      cli: isPulumi ? "Pulumi" : "stub",
      rollout: { ...rollout, cliStartsPerSite: ratio(calls.length, sites), joined },
      loops,
      slowestTimesWaves,
      rolloutDividedBy: {
        up: ratio(rollout.seconds, loops.up.seconds),
        previewAndUp: ratio(rollout.seconds, loops.previewAndUp.seconds),
        slowestTimesWaves: ratio(rollout.seconds, slowestTimesWaves),
      },
      processorSeconds: {
        worker: round(after.worker.own - before.worker.own),
        cli: round(after.worker.children - before.worker.children),
        ...(server && { embeddedDatabase: round(after.database - before.database) }),
      },
      millisecondsPerRun,
    };
  } finally {
    farm.close();
  }
}

const END_POLL_MS = 200;

/** Whether a rollout has ended; that it went well, the number of its joined sites shows. */
async function isEnded(pool: Pool, id: string): Promise<boolean> {
  const { rows } = await pool.query("SELECT completed_at FROM dbos.workflow_status WHERE workflow_uuid = $1", [id]);
  return rows[0]?.completed_at != null;
}

const round = (value: number) => Math.round(value * 100) / 100;
const ratio = (one: number, other: number) => round(one / other);

async function shellLoop(farm: SpeedSites, sites: number, commands: readonly Command[]): Promise<void> {
  const all = commands.map((command) => farm.shellCommand(command)).join(" && ");
  const wave = (from: number, to: number) => `for n in $(seq ${from} ${to}); do (${all}) & done; wait`;
  const script = `${wave(0, CANARIES - 1)}\n${wave(CANARIES, sites - 1)}`;
  const code = await new Promise((resolve) =>
    spawn("bash", ["-c", script], { stdio: "inherit" }).once("close", resolve),
  );
  if (code !== 0) throw new Error(`the loop ended with ${code}`);
}
