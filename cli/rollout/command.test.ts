import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { runCommand } from "../../tests/support/run-command";

/** Stands for the package of rollouts, which is tested by itself: prints what it gets. */
const PACKAGE = `exports.main = async (args, output, signal) => {
  output.out(JSON.stringify([args, signal.aborted]));
  return 2;
};`;

describe("command pulumi-safeguard rollout", () => {
  const { cwd } = process;
  let project = "";

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "rollout-seam-"));
    process.cwd = () => project;
  });
  afterEach(() => {
    process.cwd = cwd;
    rmSync(project, { recursive: true });
  });

  it("hands all arguments to the package of rollouts and ends with its exit code", async () => {
    const folder = join(project, "node_modules", "pulumi-safeguard-rollout");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "index.js"), PACKAGE);
    const args = ["status", "--json", "--file", "rollout.yaml", "--help"];
    assert.deepEqual(await runCommand("rollout", ...args), { code: 2, out: JSON.stringify([args, false]), error: "" });
    assert.equal((await runCommand("rollout")).out, "[[],false]");
  });

  it("says what to install where the package is missing", async () => {
    assert.deepEqual(await runCommand("rollout", "start"), {
      code: 4,
      out: "",
      error:
        "error: rollout: this project does not have the package pulumi-safeguard-rollout; run npm install pulumi-safeguard-rollout\n",
    });
  });
});
