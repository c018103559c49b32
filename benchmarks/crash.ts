import { numberAfter } from "./common/options";
import { sweepEngine } from "./crash/engine";
import { nameOf, sample } from "./crash/points";
import { type Crash, findPoints, frontOf, sweep } from "./crash/sweep";
import { LEGEND, summaryOf, tableOf } from "./crash/table";

/*
 * The crash sweep: `npm run bench -- crash [--every N] [--lanes N] [--json]`. The provider's process is killed with SIGKILL
 * at every request of a run that makes a cluster of two nodes and its join, in three positions; the next `up`, with a
 * fresh process and the state that the engine would have kept, has to come to the wanted end, with one join request in
 * all. With `--every N` only every N-th of the reads is taken; with `--json` the last line is the result as one object.
 */
async function main(): Promise<void> {
  const lanes = numberAfter("--lanes", 6);
  const every = numberAfter("--every", 1);
  const started = Date.now();
  const all = await findPoints();
  const points = sample(all, 1, every);
  console.log(`${points.length} of ${all.length} requests, three positions each, ${lanes} at once`);
  console.log(LEGEND);
  const tell = ({ point, position, complaint }: Crash) => {
    if (complaint) console.log(`${nameOf(point)}, ${position}: ${complaint}`);
  };
  const crashes = await sweep(points, lanes, frontOf, tell);
  console.log(tableOf(crashes));
  const throughEngine = await sweepEngine(all, tell);
  console.log(`with the real engine, its state in files:\n${tableOf(throughEngine)}`);
  const summary = summaryOf([...crashes, ...throughEngine]);
  const { converged, maxJoinPosts, handEdits } = summary;
  console.log(
    `the next up converged: ${converged} of ${summary.points}; join requests: at most ${maxJoinPosts}; edits by hand: ${handEdits}; ${Math.round((Date.now() - started) / 1000)} s`,
  );
  if (process.argv.includes("--json")) console.log(JSON.stringify(summary));
  if (converged < summary.points || maxJoinPosts > 1 || handEdits > 0) process.exitCode = 1;
}

void main();
