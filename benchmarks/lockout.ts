import { messageOf } from "../provider/core/errors";
import { leftOutText, whyNoAnsible } from "./ansible/installation";
import { numberAfter } from "./common/options";
import { ANSIBLE } from "./lockout/ansible";
import { type Contender, PLAIN, PRODUCT } from "./lockout/contenders";
import { GRACE_SECONDS, type LockoutRun } from "./lockout/stage";
import { type Sweep, type SweepSummary, summaryOf, sweep } from "./lockout/sweep";

/*
 * The lock-out sweep: `npm run bench -- lockout [--runs N] [--rival-runs N] [--json]`. Redirections are applied to
 * routers in network namespaces while something goes wrong; control has to be back within the window and two seconds,
 * and the rules of others have to be as they were. Every other run is one with `persist: true`: an emulated restart
 * after it has to bring back what was confirmed, or nothing. The others may keep nothing. A run whose fault missed the
 * changes is repeated and never counted, as is one that was late while the machine lent its processors to others. The same faults are tried on rivals, fewer times. With `--json` the last line
 * is the result as one object.
 */
async function main(): Promise<void> {
  const runs = numberAfter("--runs", 510, 0);
  const rivalRuns = numberAfter("--rival-runs", 24, 0);
  const windowSeconds = numberAfter("--window", 3, 0);
  const routers = Math.min(numberAfter("--routers", 6, 0), runs);
  const seed = numberAfter("--seed", Date.now() % 100_000, 0);
  const started = performance.now();
  console.log(`${runs} runs on ${routers} routers, window ${windowSeconds} s, seed ${seed}`);
  // Every fault comes up 30 times by default.
  const summary = await contend(PRODUCT, { runs, routers, windowSeconds, seed });
  const rivals: ({ name: string } & SweepSummary)[] = [];
  for (const rival of [PLAIN, ANSIBLE]) {
    const why = rival === ANSIBLE ? whyNoAnsible() : undefined;
    if (why !== undefined) console.log(leftOutText(why));
    else if (rivalRuns > 0) {
      const options = { runs: rivalRuns, routers: Math.min(routers, 4), windowSeconds, seed };
      // What a rival cannot do on this machine must not cost the product's result.
      const result = await contend(rival, options).catch((error: unknown) => {
        console.log(`${rival.name}: FAILED: ${messageOf(error)}`);
      });
      if (result) rivals.push({ name: rival.name, ...result });
    }
  }
  const minutes = Number(((performance.now() - started) / 60_000).toFixed(1));
  if (process.argv.includes("--json")) console.log(JSON.stringify({ ...summary, minutes, rivals }));
  if (summary.recovered < runs || summary.foreignRulesLost + summary.wrongAfterRestart > 0) process.exitCode = 1;
}

async function contend(contender: Contender, options: Sweep): Promise<SweepSummary> {
  const results = await sweep({ ...options, contender }, (run) => console.log(lineOf(contender, run)));
  const summary = summaryOf(results, options.windowSeconds);
  const phases = new Map<string, number>();
  for (const { phase, isInjected } of results) if (isInjected) phases.set(phase, (phases.get(phase) ?? 0) + 1);
  for (const [phase, count] of phases) console.log(`  struck ${`${count}`.padStart(4)} times at: ${phase}`);
  console.log(
    `${contender.name}: control back within ${options.windowSeconds + GRACE_SECONDS} s: ${summary.recovered} of ${summary.runs}, worst ${summary.worstSeconds} s; locked out for good: ${summary.lockedOut}; foreign rules lost in ${summary.foreignRulesLost}; fault missed in ${summary.notInjected}`,
  );
  if (contender === PRODUCT) {
    const { persistRuns, wrongAfterRestart } = summary;
    console.log(`  with persist: ${persistRuns} runs; wrong after an emulated restart: ${wrongAfterRestart} of all`);
  }
  return summary;
}

function lineOf(contender: Contender, { isInjected, isRecovered, areForeignRulesLost, ...run }: LockoutRun): string {
  const verdict = isRecovered ? (isInjected ? "back after" : "missed    ") : "LOST after";
  const reason = run.reason ? `: ${run.reason}` : "";
  const name = contender === PRODUCT ? "" : `${contender.name}: `;
  const foreign = areForeignRulesLost ? " FOREIGN RULES LOST" : "";
  const restart = run.isRestartRight ? "" : " WRONG AFTER A RESTART";
  const persist = run.persist ? ", persist" : "";
  return `${verdict} ${run.seconds.toFixed(1).padStart(4)} s  ${name}${run.fault}${persist}${reason}${foreign}${restart}`;
}

void main();
