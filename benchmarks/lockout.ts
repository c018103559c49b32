import { messageOf } from "../provider/core/errors";
import { installAnsible, noAnsibleText } from "./ansible/installation";
import { numberAfter, textAfter } from "./common/options";
import { ANSIBLE } from "./lockout/ansible";
import { CHECK_POINT } from "./lockout/check-point";
import { CISCO } from "./lockout/cisco";
import { type Contender, PLAIN, PRODUCT } from "./lockout/contenders";
import { type EmulatedKind, type EmulatedRouter, type EmulatedRun, emulatedSweep } from "./lockout/emulated";
import { GRACE_SECONDS, type LockoutRun } from "./lockout/stage";
import { type RunRecord, recordOf, type Sweep, type SweepSummary, summaryOf, sweep } from "./lockout/sweep";

/*
 * The lock-out sweep: `npm run bench -- lockout [--runs N] [--fault NAME] [--seed N] [--rival-runs N] [--json]`. Applies redirections to routers in
 * network namespaces while a fault strikes. Control must be back within the commit window and two seconds, and foreign
 * rules must be unchanged. Every other run has `persist: true`: an emulated restart must restore the confirmed state or
 * nothing; the other runs must store nothing. A run whose fault missed the changes is repeated and not counted; so is a
 * late one while the hypervisor took processor time. Rivals get the same faults in fewer runs. With `--json` the last line
 * is the result as one object, with a record of each run: its fault and seed, and its log when something was wrong.
 *
 * `--platform cisco-ios` sweeps emulated Cisco routers, whose shortest window is 3 s: faults at each command of a creation,
 * the provider killed, the router restarted, all sessions and logins cut off. Control is back when logins are possible, no
 * rollback is pending and the configuration is the one before or the complete new one. The emulation's timers are as exact
 * as this machine's; a device's were not measured. `--platform check-point` does the same with emulated Check Point gateways,
 * whose timer is the guard's in expert mode, on the kernel of a namespace.
 */
const PLATFORMS = ["linux", "cisco-ios", "check-point"];

async function main(): Promise<void> {
  const platform = textAfter("--platform") ?? "linux";
  if (!PLATFORMS.includes(platform))
    throw new Error(`Invalid value for --platform: ${platform}. Allowed values are: ${PLATFORMS.join(", ")}.`);
  if (platform === "cisco-ios") return await sweepEmulated(CISCO);
  if (platform === "check-point") return await sweepEmulated(CHECK_POINT);
  const runs = numberAfter("--runs", 510, 0);
  const rivalRuns = numberAfter("--rival-runs", 24, 0);
  const windowSeconds = numberAfter("--window", 3, 0);
  const routers = Math.min(numberAfter("--routers", 6, 0), runs);
  const seed = numberAfter("--seed", Date.now() % 100_000, 0);
  const fault = textAfter("--fault");
  const records: RunRecord[] = [];
  const started = performance.now();
  console.log(`${runs} runs on ${routers} routers, window ${windowSeconds} s, seed ${seed}`);
  // By default 30 runs for each fault.
  const summary = await contend(
    PRODUCT,
    { runs, routers, windowSeconds, seed, ...(fault !== undefined && { fault }) },
    records,
  );
  const rivals: ({ name: string } & SweepSummary)[] = [];
  for (const rival of [PLAIN, ANSIBLE]) {
    const problem = rival === ANSIBLE ? installAnsible() : undefined;
    if (problem !== undefined) console.log(noAnsibleText(problem));
    else if (rivalRuns > 0) {
      const options = { runs: rivalRuns, routers: Math.min(routers, 4), windowSeconds, seed };
      // A rival that fails on this machine must not cost the product's result.
      const result = await contend(rival, options).catch((error: unknown) => {
        console.log(`${rival.name}: FAILED: ${messageOf(error)}`);
      });
      if (result) rivals.push({ name: rival.name, ...result });
    }
  }
  const minutes = Number(((performance.now() - started) / 60_000).toFixed(1));
  if (process.argv.includes("--json")) console.log(JSON.stringify({ ...summary, seed, minutes, rivals, log: records }));
  if (summary.recovered < runs || summary.foreignRulesLost + summary.wrongAfterRestart > 0) process.exitCode = 1;
}

async function sweepEmulated<Router extends EmulatedRouter>(kind: EmulatedKind<Router>): Promise<void> {
  const runs = numberAfter("--runs", 120, 1);
  const seed = numberAfter("--seed", Date.now() % 100_000, 0);
  const records: EmulatedRun[] = [];
  const routers = Math.min(numberAfter("--routers", 4, 1), runs);
  const summary = await emulatedSweep(kind, { runs, routers, seed }, (run) => {
    records.push(run);
    const seconds = run.milliseconds === undefined ? "LOST" : `${(run.milliseconds / 1000).toFixed(1)} s`;
    const flaws = [
      ...(run.isForeignLost ? ["FOREIGN LINES LOST"] : []),
      ...(run.isRestartRight ? [] : ["WRONG AFTER A RESTART"]),
    ];
    console.log(
      `${seconds.padStart(6)}  ${run.fault}, at ${run.command ?? "nothing: it missed"}${run.persist ? ", persist" : ""} ${flaws.join(" ")}`,
    );
  });
  const { recovered, windowSeconds, worstSeconds, lockedOut, foreignRulesLost, wrongAfterRestart, notInjected } =
    summary;
  console.log(
    `control back within ${windowSeconds + 2} s: ${recovered} of ${summary.runs}, worst ${worstSeconds.toFixed(2)} s; locked out: ${lockedOut}; foreign lines lost in ${foreignRulesLost}; wrong after a restart: ${wrongAfterRestart}; fault missed in ${notInjected}`,
  );
  if (process.argv.includes("--json")) console.log(JSON.stringify({ ...summary, seed, log: records }));
  if (recovered < runs || foreignRulesLost + wrongAfterRestart + notInjected > 0) process.exitCode = 1;
}

async function contend(contender: Contender, options: Sweep, records: RunRecord[] = []): Promise<SweepSummary> {
  const results = await sweep({ ...options, contender }, (one) => {
    console.log(lineOf(contender, one.run));
    records.push(recordOf(one));
  });
  const summary = summaryOf(results, options.windowSeconds);
  const phases = new Map<string, number>();
  for (const { phase, isInjected } of results) if (isInjected) phases.set(phase, (phases.get(phase) ?? 0) + 1);
  for (const [phase, count] of phases) console.log(`  struck ${`${count}`.padStart(4)} times at: ${phase}`);
  console.log(
    `${contender.name}: control back within ${options.windowSeconds + GRACE_SECONDS} s: ${summary.recovered} of ${summary.runs}, worst ${summary.worstSeconds} s; permanently locked out: ${summary.lockedOut}; foreign rules lost in ${summary.foreignRulesLost}; fault missed in ${summary.notInjected}`,
  );
  if (contender === PRODUCT) {
    const { persistRuns, wrongAfterRestart } = summary;
    console.log(
      `  with persist: ${persistRuns} runs; wrong after an emulated restart: ${wrongAfterRestart} of all runs`,
    );
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
