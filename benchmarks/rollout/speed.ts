import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { startRollout } from "../../rollout/engine/client";
import { loadRollout } from "../../rollout/plan/load";
import type { RolloutBed } from "../../rollout/testing/rollout-bed";
import { Farm } from "./farm";
import { WORKER } from "./kills";
import { StubCli } from "./stub-cli";

/** How long a join takes at most sites, and at the slowest of each wave, in milliseconds. */
const JOIN_MS = 20_000;
const SLOWEST_MS = 30_000;
const CANARIES = 2;
const WAVES = 2;

/**
 * A rollout of many sites in two waves, and the loop that people write: all sites of a wave at once, each with `pulumi preview` and then `pulumi up`. Both
 * run the same stub of the CLI against the same farm, one after the other. Each site has an SPP of its own, so that none waits.
 */
export async function speedOf(bed: RolloutBed, sites: number) {
  const farm = new Farm((site) => (site === "site-0" || site === `site-${sites - 1}` ? SLOWEST_MS : JOIN_MS));
  const cli = new StubCli(await farm.start(), sites, sites, `parallelism: ${sites}\ncanary: { count: ${CANARIES} }\n`);
  try {
    await bed.fork(WORKER, ["pulumi"]);
    const rollout = await secondsOf(async () => {
      const { id } = await startRollout(bed.database.pool, loadRollout(cli.file).plan, cli.file, "bench");
      await bed.until(id, ({ status }) => status !== "running");
    });
    const joined = farm.record().joined;
    await bed.killWorkers();
    farm.reset();
    await pause(1000);
    const loop = await secondsOf(() => shellLoop(sites));
    const slowestTimesWaves = (SLOWEST_MS / 1000) * WAVES;
    return {
      sites,
      joined,
      rolloutSeconds: rollout,
      loopSeconds: loop,
      ratio: Math.round((rollout / loop) * 100) / 100,
      slowestTimesWaves,
      aboveSlowestTimesWavesPercent: Math.round((rollout / slowestTimesWaves - 1) * 100),
    };
  } finally {
    farm.stop();
    cli.close();
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.round((performance.now() - started) / 100) / 10;
}

async function shellLoop(sites: number): Promise<void> {
  const wave = (from: number, to: number) =>
    `for n in $(seq ${from} ${to}); do (pulumi preview --stack site-$n --event-log /dev/null && pulumi up --stack site-$n --event-log /dev/null) & done; wait`;
  const script = `${wave(0, CANARIES - 1)}\n${wave(CANARIES, sites - 1)}`;
  const code = await new Promise((resolve) =>
    spawn("bash", ["-c", script], { stdio: "inherit" }).once("close", resolve),
  );
  if (code !== 0) throw new Error(`the loop ended with ${code}`);
}
