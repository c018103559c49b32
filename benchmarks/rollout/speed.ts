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

/** What the loops that people write run for each site: the change alone, and with the preview that a rollout makes too. */
const LOOPS = { up: ["up"], previewAndUp: ["preview", "up"] } as const;

/**
 * A rollout of many sites in two waves, and the loops that people write: all sites of a wave at once. All run the same stub of the CLI
 * against the same farm, one after the other. Each site has an SPP of its own, so that none waits.
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
    const starts = { rollout: perSite(cli, sites), up: 0, previewAndUp: 0 };
    const loops = { up: 0, previewAndUp: 0 };
    for (const name of ["up", "previewAndUp"] as const) {
      farm.reset();
      await pause(1000);
      loops[name] = await secondsOf(() => shellLoop(sites, LOOPS[name]));
      starts[name] = perSite(cli, sites);
    }
    const slowestTimesWaves = (SLOWEST_MS / 1000) * WAVES;
    return {
      sites,
      joined,
      rolloutSeconds: rollout,
      loopSeconds: loops,
      ratioTo: { up: ratio(rollout, loops.up), previewAndUp: ratio(rollout, loops.previewAndUp) },
      cliStartsPerSite: starts,
      slowestTimesWaves,
      ratioToSlowestTimesWaves: ratio(rollout, slowestTimesWaves),
      aboveSlowestTimesWavesPercent: Math.round((rollout / slowestTimesWaves - 1) * 100),
    };
  } finally {
    farm.stop();
    cli.close();
  }
}

const ratio = (one: number, other: number) => Math.round((one / other) * 100) / 100;
const perSite = (cli: StubCli, sites: number) => ratio(cli.takeStarts(), sites);

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.round((performance.now() - started) / 100) / 10;
}

async function shellLoop(sites: number, commands: readonly string[]): Promise<void> {
  const all = commands.map((command) => `pulumi ${command} --stack site-$n --event-log /dev/null`).join(" && ");
  const wave = (from: number, to: number) => `for n in $(seq ${from} ${to}); do (${all}) & done; wait`;
  const script = `${wave(0, CANARIES - 1)}\n${wave(CANARIES, sites - 1)}`;
  const code = await new Promise((resolve) =>
    spawn("bash", ["-c", script], { stdio: "inherit" }).once("close", resolve),
  );
  if (code !== 0) throw new Error(`the loop ended with ${code}`);
}
