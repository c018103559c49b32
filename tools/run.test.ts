import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";

const ROOT = path.resolve(__dirname, "..");

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["tools/run.mjs", ...args], { cwd: ROOT, encoding: "utf8" });
}

describe("commands of package.json", function () {
  this.timeout(60_000);

  it("prints the help of every command without running it", () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
    for (const name of Object.keys(scripts)) {
      const { status, stdout } = run(name, "--help");
      assert.equal(status, 0, name);
      assert.match(stdout, name === "lab" ? /^Usage: lab \[options\] \[command\]\n/ : /^Usage: npm /);
    }
  });

  it("lists every benchmark with its options", () => {
    const { stdout } = run("bench", "--help");
    assert.match(stdout, /\n {2}crash +--every --json --lanes\n/);
    assert.match(stdout, /\n {2}router +--full --json --platform --quick\n/);
    assert.match(
      stdout,
      /\n {2}rollout +--database --farm --json --kills --pulumi --reading --scale --sites --speed\n/,
    );
  });

  it("refuses an unknown command with the names of all commands", () => {
    const { status, stderr } = run("deploy");
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^error: Invalid value for the command: deploy\. Allowed values are: start, configure, .*\.\n$/,
    );
  });

  it("refuses an unknown option in one line", () => {
    const options = ["--import", "tsx", "tools/start/configure.ts", "--nmae", "lab"];
    const { status, stderr } = spawnSync(process.execPath, options, { cwd: ROOT, encoding: "utf8" });
    assert.deepEqual([status, stderr], [2, "error: Unknown option '--nmae'; run it with --help for its options\n"]);
  });
});
