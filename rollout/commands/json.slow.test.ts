import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "mocha";
import { onBothDatabases } from "../testing/both-databases";
import { FakePulumi } from "../testing/fake-pulumi";

const CLI = join(__dirname, "../cli.ts");
const TSX = require.resolve("tsx");

onBothDatabases("commands for rollouts with --json", function (server) {
  this.timeout(300_000);
  let cli: FakePulumi;

  before(() => {
    cli = new FakePulumi({});
    mkdirSync(join(cli.folder, "site"));
    writeFileSync(join(cli.folder, "site/Pulumi.yaml"), "name: p\nruntime: yaml\n");
    const sites = ["oslo", "rome"].map((name) => `  - { name: ${name}, spp: 10.0.0.5 }\n`).join("");
    const waves = "waves: [{ rest: true, approval: true }]\n";
    writeFileSync(join(cli.folder, "rollout.yaml"), `name: r\nprogram: ./site\nsites:\n${sites}${waves}`);
  });
  let child: ChildProcess | undefined;
  after(() => {
    child?.kill("SIGKILL");
    cli.close();
  });

  /** Runs a command to its end. Gives the one object on its standard output, its exit code, and its standard error. */
  async function run(...args: string[]) {
    const { url } = server() ?? {};
    const env = { ...process.env, ...(url !== undefined && { SAFEGUARD_ROLLOUT_DATABASE: url }) };
    const started = spawn(process.execPath, ["--import", TSX, CLI, ...args, "--json"], { cwd: cli.folder, env });
    child = started;
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      started[name].on("data", (text) => {
        texts[name] += text;
      });
    const code = await new Promise((resolve) => started.once("close", resolve));
    return { code, result: JSON.parse(texts.stdout), error: texts.stderr };
  }

  it("print one object each, with progress on the standard error", async () => {
    const started = await run("start", "--exit-when-held");
    const { id, status, hold, approval } = started.result;
    assert.deepEqual([started.code, id, status, hold], [2, "r.1", "running", { kind: "approval", wave: "wave-1" }]);
    assert.match(started.error, /^rollout r\.1: started, 2 sites in 1 wave\n(.*\n)*.* started by /);

    const again = await run("start");
    assert.deepEqual([again.code, again.result.error.cause], [4, "rollout r.1: start: it has not ended"]);
    assert.equal(again.result.error.remedy, "run resume to go on with it, or cancel it");

    const reason = ["--reason", "because"];
    const approved = await run("approve", approval, ...reason);
    const sent = { rollout: "r.1", command: "approve", reason: "because", isCarriedOut: false };
    assert.deepEqual([approved.code, approved.result], [0, sent]);
    const refused = await run("retry", "rome", ...reason);
    assert.equal(refused.code, 4);
    assert.match(refused.result.error.cause, /^rollout r\.1: retry: the site rome is /);

    assert.equal((await run("pause", "--reason", "change freeze")).code, 0);
    const paused = await run("resume", "--exit-when-held");
    assert.equal(paused.code, 4);
    const cause = "rollout r.1: resume: it is paused (change freeze)";
    assert.deepEqual(
      [paused.result.error.cause, paused.result.error.remedy],
      [cause, "add --reason TEXT, which is kept"],
    );
    const ended = await run("resume", "--exit-when-held", ...reason);
    assert.deepEqual([ended.code, ended.result.status, ended.result.counts.done], [0, "done", 2], ended.error);
    writeFileSync(join(cli.folder, "r.html"), "an earlier report");
    const report = await run("report", "--html", "r.html");
    assert.deepEqual([report.code, report.result], [0, { rollout: "r.1", file: join(cli.folder, "r.html") }]);
    assert.match(readFileSync(join(cli.folder, "r.html"), "utf8"), /^<!doctype html>/);
    const history = await run("history");
    assert.deepEqual([history.code, history.result.length], [0, 1]);
    const cancelled = await run("cancel", ...reason);
    assert.deepEqual([cancelled.code, cancelled.result.error.remedy], [4, "start a new one"]);
  });
});
