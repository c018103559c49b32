import { messageOf } from "../provider/core/errors";
import { runHostileCase } from "../tests/support/hostile/clients";
import { runHostileShell } from "../tests/support/hostile/shells";

/*
 * Drives both HTTP clients and the shell with hostile servers: `npm run bench -- hostile`. With `--json` the last line is the result as one
 * object; `--seed N` repeats one case of each kind. Answers that drip end at the limits of real operations, so a few run for minutes.
 */
const QUICK_CASES = 400;
const SLOW_CASES = 24;
const SHELL_CASES = 300;
const AT_ONCE = 8;

/** Longest times of a case in seconds: quick answers; three attempts of 30 s of each step of an operation; two scripts of 0.5 s. */
const LIMIT_SECONDS = { quick: 30, slow: 330, shell: 5 };
const LIMIT_MEGABYTES = 700;

interface Task {
  name: string;
  limitSeconds: number;
  run: () => Promise<{ kind: string; seconds: number }>;
}

function tasks(seeds: (count: number) => number[]): Task[] {
  return [
    ...(["sps", "spp"] as const).flatMap((client) => [
      ...seeds(SLOW_CASES).map((seed) => ({
        name: `${client} slow ${seed}`,
        limitSeconds: LIMIT_SECONDS.slow,
        run: () => runHostileCase(client, seed, true),
      })),
      ...seeds(QUICK_CASES).map((seed) => ({
        name: `${client} ${seed}`,
        limitSeconds: LIMIT_SECONDS.quick,
        run: () => runHostileCase(client, seed, false),
      })),
    ]),
    ...seeds(SHELL_CASES).map((seed) => ({
      name: `shell ${seed}`,
      limitSeconds: LIMIT_SECONDS.shell,
      run: () => runHostileShell(seed, 0.5),
    })),
  ];
}

async function main(): Promise<void> {
  const given = process.argv.indexOf("--seed");
  const seed = given < 0 ? undefined : Number(process.argv[given + 1]);
  const seeds = (count: number) =>
    seed === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [seed];
  const all = tasks(seeds);
  // Slow ones wait for their limits without work, so they all run beside the others.
  const slow = all.filter(({ limitSeconds }) => limitSeconds === LIMIT_SECONDS.slow);
  const others = all.filter((task) => !slow.includes(task));
  let [failures, longestSeconds] = [0, 0];
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const runOne = async ({ name, limitSeconds, run }: Task): Promise<void> => {
    try {
      const { kind, seconds } = await run();
      longestSeconds = Math.max(longestSeconds, seconds);
      if (seconds <= limitSeconds) return;
      failures += 1;
      console.log(`TOO LONG  ${name}: ${kind}: ${seconds.toFixed(1)} s`);
    } catch (error) {
      failures += 1;
      console.log(`FAILED    ${name}: ${messageOf(error)}`);
    }
  };
  const worker = async () => {
    for (let task = others.shift(); task; task = others.shift()) await runOne(task);
  };
  await Promise.all([...slow.map(runOne), ...Array.from({ length: AT_ONCE }, worker)]);
  clearInterval(timer);
  const megabytes = Math.round((peak - before) / 2 ** 20);
  const result = { cases: all.length, failures, longestSeconds: Math.round(longestSeconds), megabytes };
  console.log(
    `${failures} of ${result.cases} cases failed; the longest took ${result.longestSeconds} s; ${megabytes} MB`,
  );
  if (process.argv.includes("--json")) console.log(JSON.stringify(result));
  if (failures > 0 || megabytes > LIMIT_MEGABYTES) process.exitCode = 1;
}

void main();
