import { sweep } from "./lockout/sweep";

/*
 * The lock-out sweep: `npm run bench -- lockout [--runs N] [--json]`. Redirections are applied to routers in network
 * namespaces while something goes wrong; control has to be back within the window and two seconds, and the rules of
 * others have to be as they were.
 */
const GRACE_SECONDS = 2;

async function main(): Promise<void> {
  const runs = numberAfter("--runs", 500);
  const windowSeconds = numberAfter("--window", 3);
  const routers = Math.min(numberAfter("--routers", 6), runs);
  const seed = numberAfter("--seed", Date.now() % 100_000);
  console.log(`${runs} runs on ${routers} routers, window ${windowSeconds} s, seed ${seed}`);
  const results = await sweep({ runs, routers, windowSeconds, seed }, (run) => {
    const verdict = run.isRecovered ? "back after" : "LOST after ";
    console.log(
      `${verdict} ${run.seconds.toFixed(1).padStart(4)} s  ${run.fault}${run.reason ? `: ${run.reason}` : ""}`,
    );
  });
  const recovered = results.filter((run) => run.isRecovered).length;
  const foreignRulesLost = results.filter((run) => run.areForeignRulesLost).length;
  const worstSeconds = Number(Math.max(...results.map((run) => run.seconds)).toFixed(2));
  console.log(
    `control back within ${windowSeconds + GRACE_SECONDS} s: ${recovered} of ${runs}; foreign rules lost in ${foreignRulesLost}`,
  );
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ runs, recovered, windowSeconds, worstSeconds, foreignRulesLost }));
  }
  if (recovered < runs || foreignRulesLost > 0) process.exitCode = 1;
}

function numberAfter(name: string, usual: number): number {
  const index = process.argv.indexOf(name);
  if (index < 0) return usual;
  const value = Number(process.argv[index + 1]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(
    `Invalid value for ${name}: ${process.argv[index + 1]}. Allowed values are: whole numbers from 1 on.`,
  );
}

void main();
