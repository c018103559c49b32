import { numberAfter } from "./common/options";
import { sweepEngine } from "./crash/engine";
import { nameOf, sample } from "./crash/points";
import { type Crash, findPoints, frontOf, sweep } from "./crash/sweep";
import { LEGEND, summaryOf, tableOf } from "./crash/table";

/*
 * The crash sweep: `npm run bench -- crash [--every N] [--lanes N] [--json]`. Kills the provider's process with SIGKILL at
 * every request of a run that creates a cluster of two nodes and its join, in three positions. The next `up`, with a new
 * process and the state that the engine would have stored, must succeed with one join request in total. `--every N` tests
 * every N-th read only; with `--json` the last line is the result as one object.
 */
async function main(): Promise<void> {
  const lanes = numberAfter("--lanes", 6);
  const every = numberAfter("--every", 1);
  const started = Date.now();
  const all = await findPoints();
  const points = sample(all, 1, every);
  console.log(`${points.length} of ${all.length} requests, three positions each, ${lanes} in parallel`);
  console.log(LEGEND);
  const report = ({ point, position, complaint }: Crash) => {
    if (complaint) console.log(`${nameOf(point)}, ${position}: ${complaint}`);
  };
  const crashes = await sweep(points, lanes, frontOf, report);
  console.log(tableOf(crashes));
  const throughEngine = await sweepEngine(all, report);
  console.log(`with the real engine and its state in files:\n${tableOf(throughEngine)}`);
  const summary = summaryOf([...crashes, ...throughEngine]);
  const { converged, maxJoinPosts, manualRepairs } = summary;
  console.log(
    `converged in the next up: ${converged} of ${summary.points}; join requests: at most ${maxJoinPosts}; manual repairs: ${manualRepairs}; ${Math.round((Date.now() - started) / 1000)} s`,
  );
  if (process.argv.includes("--json")) console.log(JSON.stringify(summary));
  if (converged < summary.points || maxJoinPosts > 1 || manualRepairs > 0) process.exitCode = 1;
}

void main();
