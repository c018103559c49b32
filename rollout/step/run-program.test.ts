import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
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

  it("shows the output of a surviving program while it runs, and leaves no file that holds it", async () => {
    const seen: string[] = [];
    const before = files();
    await run("echo secret; sleep 0.5; echo end", "surviving", {
      onOutput: (text) => {
        seen.push(text);
        assert.deepEqual(files(), before, "while it runs");
      },
    });
    assert.deepEqual([seen, files()], [["secret\n", "end\n"], before]);
  });

  it("fails when it cannot start", async () => {
    const options = { cwd: tmpdir(), env: process.env };
    for (const binding of ["detached", "surviving"] as const)
      await assert.rejects(runProgram("/nowhere/pulumi", [], { ...options, binding }), /ENOENT/);
  });
});
