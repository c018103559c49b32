import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { type Binding, runProgram } from "./run-program";

const run = (script: string, binding: Binding, more: { onOutput?: (text: string) => void } = {}) =>
  runProgram("sh", ["-c", script], { cwd: tmpdir(), env: process.env, binding, ...more });
const files = () => readdirSync(tmpdir()).filter((name) => name.startsWith("rollout-output-"));

describe("a program that is run", () => {
  for (const binding of ["foreground", "detached", "surviving"] as const)
    it(`gives its whole output and its exit code when it is ${binding}`, async () => {
      const result = await run("printf 'é%.0s' $(seq 70000); echo cause >&2; exit 3", binding);
      assert.deepEqual([result.code, result.stderr, result.stdout.length], [3, "cause\n", 70_000]);
      assert.match(result.stdout, /^é+$/);
    });

  it("is not found by what CI runners kill after a job when it is surviving, and only then", async () => {
    const jenkins = { JENKINS_NODE_COOKIE: "c", JENKINS_SERVER_COOKIE: "durable-c", BUILD_ID: "7" };
    const env = { ...process.env, RUNNER_TRACKING_ID: "github_1", VSTS_PROCESS_LOOKUP_ID: "vsts_1", ...jenkins };
    const shown = async (binding: Binding) => {
      const { stdout } = await runProgram("env", [], { cwd: tmpdir(), env, binding });
      return stdout.split("\n").filter((line) => /^(RUNNER_T|VSTS|JENKINS|BUILD_ID)/.test(line)).length;
    };
    assert.deepEqual([await shown("surviving"), await shown("detached"), await shown("foreground")], [1, 5, 5]);
  });

  it("shows the output of a surviving program while it runs, and leaves no file that holds it", async () => {
    const seen: string[] = [];
    const before = files();
    const folder = mkdtempSync(join(tmpdir(), "run-program-"));
    const shown = join(folder, "shown");
    // It ends only when its output is shown before.
    await run(`echo secret; until [ -e '${shown}' ]; do sleep 0.05; done; echo end`, "surviving", {
      onOutput: (text) => {
        seen.push(text);
        writeFileSync(shown, "");
        assert.deepEqual(files(), before, "while it runs");
      },
    });
    rmSync(folder, { recursive: true });
    assert.deepEqual([seen.join(""), files()], ["secret\nend\n", before]);
  });

  for (const binding of ["foreground", "detached", "surviving"] as const)
    it(`tells the signal that ended it when it is ${binding}`, async () => {
      const result = await run("echo working; kill -9 $$", binding);
      assert.deepEqual(result, { code: undefined, signal: "SIGKILL", stdout: "working\n", stderr: "" });
    });

  it("keeps no file open when it cannot start at once", async () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const before = process.platform === "linux" ? open() : 0;
    // A system refuses a variable of this size.
    const env = { ...process.env, LARGE: "x".repeat(10_000_000) };
    await assert.rejects(runProgram("true", [], { cwd: tmpdir(), env, binding: "surviving" }), /E2BIG|ENAMETOOLONG/);
    if (process.platform === "linux") assert.equal(open(), before);
  });

  it("fails when it cannot start", async () => {
    const options = { cwd: tmpdir(), env: process.env };
    for (const binding of ["detached", "surviving"] as const)
      await assert.rejects(runProgram("/nowhere/pulumi", [], { ...options, binding }), /ENOENT/);
  });
});
