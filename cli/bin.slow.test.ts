import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, it } from "mocha";

const PROGRAM = resolve(__dirname, "../dist/cli/bin.js");

describe("the program pulumi-safeguard", () => {
  it("ends with its own exit code and without a trace when its reader ends first", () => {
    const run = `"$0" "$1" doctor --help | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", run, process.execPath, PROGRAM], { encoding: "utf8" });
    assert.deepEqual([stdout, stderr], ["0\n", ""]);
  });
});
