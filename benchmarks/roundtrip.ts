import { BACKENDS } from "../provider/router/linux/backends/names";
import { roundTrips } from "../provider/router/linux/roundtrip-bench.test";

/*
 * Whether what is applied and read back is what was wanted, over generated redirections and every backend, on a
 * simulated router: `npm run bench -- roundtrip [--runs N] [--json]`. A difference ends it with the smallest case.
 */
function main(): void {
  const index = process.argv.indexOf("--runs");
  const runs = index < 0 ? 100_000 : Number(process.argv[index + 1]);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error(
      `Invalid value for --runs: ${process.argv[index + 1]}. Allowed values are: whole numbers from 1 on.`,
    );
  }
  const seconds: Record<string, number> = {};
  for (const backend of BACKENDS) {
    const started = performance.now();
    roundTrips(backend, runs);
    seconds[backend] = Number(((performance.now() - started) / 1000).toFixed(1));
    console.log(`${backend}: ${runs} cases without a difference in ${seconds[backend]} s`);
  }
  if (process.argv.includes("--json")) console.log(JSON.stringify({ runs, differences: 0, seconds }));
}

main();
