import { Lab } from "../lab/lab";
import { lastingLines } from "../tests/engine/events";
import { linesOf, siteName, sitesProgram } from "../tests/engine/many-sites";
import { TestStack } from "../tests/engine/test-stack";
import { numberAfter } from "./common/options";

/*
 * What a preview of many new sites shows when one of them is wrong: `npm run bench -- sites [--sites N] [--json]`. Each site has
 * an SPS node of its own, the SPP and, where the machine can run it, the router of one lab. The wrong site has a password that
 * SPS refuses, no acknowledgement, and an interface that the router does not have. With `--json` the last line is the
 * result as one object; `lines` and `bytes` count the whole output of the CLI, the rows of Pulumi's resources included.
 */
async function main(): Promise<void> {
  const sites = numberAfter("--sites", 40);
  const wrong = siteName(Math.floor(sites / 2));
  const lab = await Lab.start({ name: `bench-sites-${process.pid}`, speed: 50, spsCount: sites });
  const stack = await TestStack.inline("bench-sites");
  try {
    const program = sitesProgram(lab, (name, args) => {
      if (name !== wrong) return args;
      const { centralManagement } = args.cluster;
      const cluster = { ...args.cluster, centralManagement: { ...(centralManagement as object), password: "wrong" } };
      const { acknowledge: _none, ...join } = args.join;
      const edge = args.routers?.edge;
      const [redirection] = (edge?.redirections ?? []) as object[];
      const redirections = [{ ...redirection, clientInterfaces: ["missing"] }];
      return { cluster, join, routers: edge && { edge: { ...edge, redirections } } } as typeof args;
    });
    const started = performance.now();
    const run = await stack.run("preview", program);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const faults = [/-cluster: .*\[SG1013\]/, /-join: acknowledge: /, ...(lab.network ? [/-edge: .*\[SG3103\]/] : [])];
    const errors = lastingLines(run, "error").filter((line) => line.includes(`${wrong}-`));
    const faultsShown = faults.filter((fault) => errors.some((line) => fault.test(line))).length;
    const healthy = Array.from({ length: sites }, (_, n) => siteName(n)).filter((name) => name !== wrong);
    const linesOfHealthySite = Math.max(...healthy.map((name) => linesOf(run, name).length));
    const result = {
      sites,
      lines: run.output.split("\n").length,
      bytes: Buffer.byteLength(run.output),
      seconds,
      faultsShown,
    };
    for (const line of errors) console.log(line);
    console.log(
      `${faultsShown} of ${faults.length} faults shown; at most ${linesOfHealthySite} lines of a healthy site`,
    );
    if (process.argv.includes("--json")) console.log(JSON.stringify({ ...result, linesOfHealthySite }));
    if (faultsShown < faults.length || linesOfHealthySite > 3 || run.failure === undefined) process.exitCode = 1;
  } finally {
    stack.close();
    await lab.stop();
  }
}

void main();
