import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { linkPackage } from "../../tests/contract/front";
import { BROKEN_SITE, type ManySites, startManySites } from "./many-sites";
import { parseOptions } from "./options";
import { chapter, say, verified } from "./show";
import { ROOT } from "./stack";

/*
 * `npm run demo:sites`: a rollout of the twelve sites of examples/many-sites, one of which is broken, against simulated appliances. Every
 * chapter verifies its result; a wrong result ends the demo with an error.
 */

async function demo(): Promise<void> {
  linkPackage();
  mkdirSync(join(ROOT, ".state"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".state/sites-"));
  chapter("starting two SPPs, twelve SPS nodes and twelve routers on this machine");
  const sites = await startManySites(folder, `sites-${process.pid}`);
  try {
    await runChapters(sites);
  } finally {
    await sites.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
  }
}

async function runChapters(sites: ManySites): Promise<void> {
  chapter("running rollout preview: reading all sites, changing nothing");
  await rollout(sites, ["preview"], 1);
  expectJoins(sites, 0);
  verified(`one report about all sites; nothing answers at ${BROKEN_SITE}`);

  chapter("running rollout start: first vienna, then Europe");
  await rollout(sites, ["start", "--exit-when-held", "--accept-joins", "6"], 2);
  expectJoins(sites, 5);
  verified(`${BROKEN_SITE} is within the failure budget; America waits for an approval`);

  chapter("running rollout status");
  const status = await rollout(sites, ["status"], 0);
  const approval = /rollout approve ([0-9a-f]{8})/.exec(status)?.[1];
  if (approval === undefined) throw new Error("rollout status: it shows nothing to approve");

  chapter("running rollout approve and rollout resume: America");
  await rollout(sites, ["approve", approval, "--reason", "Europe works"], 0);
  await rollout(sites, ["resume"], 2);
  expectJoins(sites, 11);
  verified("11 of 12 sites are done, each with exactly one join");
  await rollout(sites, ["history"], 0);
}

/** Runs a command of rollouts, prints what it says, and gives it. @throws Error when it ends with another exit code */
async function rollout({ folder, env }: ManySites, args: string[], expected: number): Promise<string> {
  const program = ["--import", "tsx", join(ROOT, "rollout/cli.ts"), ...args];
  const child = spawn(process.execPath, program, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (text: Buffer) => {
    output += text;
    say(text.toString().trimEnd().replace(/^/gm, "   "));
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== expected) throw new Error(`rollout ${args.join(" ")}: it ended with ${code} instead of ${expected}`);
  return output;
}

function expectJoins({ labs }: ManySites, count: number): void {
  const joins = labs.flatMap(({ sps }) => sps.map(({ traffic }) => traffic.count("POST", "/api/cluster/spp")));
  const sum = joins.reduce((left, right) => left + right, 0);
  if (sum !== count || Math.max(...joins) > 1) throw new Error(`the sites saw the joins ${joins.join(", ")}`);
}

parseOptions({});
demo().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
