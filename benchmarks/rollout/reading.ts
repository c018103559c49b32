import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findRollout, readEvents } from "../../rollout/database/journal";
import { loadRollout } from "../../rollout/plan/load";
import { rolloutPage } from "../../rollout/report/page";
import { summaryOf } from "../../rollout/report/summary";
import { statusLines } from "../../rollout/report/text";
import { recordedRollout } from "../../rollout/testing/recorded-rollout";
import type { RolloutBed } from "../../rollout/testing/rollout-bed";
import { Simulation } from "../../rollout/testing/simulation";
import { StatusProject } from "./status-project";
import { processorSeconds } from "./usage";

const ROUNDS = 5;
const SPPS = 50;

/**
 * The time of what reads whole rollouts of many sites: the plan from rollout.yaml and a CSV file, `status` and `report` from the journal in
 * the database, and the whole command `pulumi-safeguard rollout status` with the start of its process. The journal is one of a rollout that is half
 * through its changes, and is written at once. On Linux.
 */
export async function readingsOf(bed: RolloutBed, counts: readonly number[]) {
  const project = new StatusProject(bed.location);
  try {
    const rows = [];
    for (const sites of counts) rows.push(await readingOf(project, bed, sites));
    return rows;
  } finally {
    project.remove();
  }
}

async function readingOf(project: StatusProject, bed: RolloutBed, sites: number) {
  const file = writeDefinition(project.folder, sites);
  const planned = await fastest(() => loadRollout(file).plan);
  const rollout = new Simulation({ ...planned.value, acceptedJoins: sites });
  const changes = [
    { operation: "create", resource: "SpsCluster a" },
    { operation: "create", resource: "SppJoin a" },
  ];
  for (let n = 0; n < sites * 1.5; n += 1) {
    const [site] = rollout.inWork.keys();
    if (site !== undefined) rollout.finish(site, { outcome: "done", message: "2 create", changes });
  }
  const { pool } = bed.database;
  const { id } = await recordedRollout(pool, rollout.state.plan, file);
  await pool.query(
    "INSERT INTO rollout.journal (rollout, seq, event) SELECT $1, n - 1, event FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (event, n)",
    [id, JSON.stringify(rollout.events)],
  );
  const record = async () => (await findRollout(pool, id)) ?? Promise.reject(new Error(`no rollout ${id}`));
  const status = await fastest(async () => statusLines(summaryOf(await record(), await bed.state(id))).length);
  const report = await fastest(async () => rolloutPage(await record(), await readEvents(pool, id)).length);
  const used = processorSeconds(process.pid).children;
  const command = await fastest(async () => {
    const text = await project.status();
    if (!text.startsWith(`rollout ${id}`)) throw new Error(text);
  });
  const commandSeconds = (processorSeconds(process.pid).children - used) / ROUNDS;
  return {
    sites,
    events: rollout.events.length,
    planMilliseconds: planned.milliseconds,
    statusMilliseconds: status.milliseconds,
    statusCommandMilliseconds: command.milliseconds,
    statusCommandProcessorMilliseconds: Math.round(commandSeconds * 1000),
    reportMilliseconds: report.milliseconds,
    reportMegabytes: Math.round(report.value / 1e5) / 10,
    statusMicrosecondsPerSite: Math.round((status.milliseconds * 1000) / sites),
  };
}

/** The fastest of some rounds: what the work takes while nothing else runs. */
async function fastest<T>(work: () => Promise<T> | T): Promise<{ value: T; milliseconds: number }> {
  let milliseconds = Number.POSITIVE_INFINITY;
  for (let round = 1; ; round += 1) {
    const started = performance.now();
    const value = await work();
    milliseconds = Math.min(milliseconds, Math.round(performance.now() - started));
    if (round === ROUNDS) return { value, milliseconds };
  }
}

/** Writes a CSV file of sites, and a rollout.yaml whose program has no files but its project file. Gives the path of the latter. */
function writeDefinition(folder: string, sites: number): string {
  const rows = Array.from({ length: sites }, (_, n) => `site-${n},10.20.${n % SPPS}.5,europe,10.21.${n % 250}.10`);
  writeFileSync(join(folder, "sites.csv"), `name,spp,label:region,config:sps\n${rows.join("\n")}\n`);
  mkdirSync(join(folder, "site"), { recursive: true });
  writeFileSync(join(folder, "site/Pulumi.yaml"), "name: scale\nruntime: nodejs\n");
  const file = join(folder, "rollout.yaml");
  const settings = "canary: { count: 5 }\nparallelism: 100\n";
  writeFileSync(file, `name: scale-${sites}\nprogram: site\nsites: { csv: sites.csv }\n${settings}`);
  return file;
}
