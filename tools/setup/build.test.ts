import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { beforeEach, describe, it } from "mocha";
import { recordingOutput, temporaryFolder, writeProgram } from "../testing/temporary-folder";

/** Stands for the compiler: notes the call and copies each source; like it, writes nothing that its record knows. */
const COMPILER = `
const fs = require("fs"), path = require("path");
fs.appendFileSync("tsc.log", "x");
if (fs.existsSync("tsc.fails")) { console.log("sdk/a.ts(1,1): error TS1: bad"); process.exit(2); }
if (!fs.existsSync("dist/.tsbuildinfo")) for (const name of fs.readdirSync("sdk")) {
  if (name.endsWith(".test.ts")) continue;
  fs.mkdirSync("dist/sdk", { recursive: true });
  fs.copyFileSync("sdk/" + name, "dist/sdk/" + name.replace(/ts$/, "js"));
  fs.writeFileSync("dist/sdk/" + name.replace(/ts$/, "d.ts"), "");
}
fs.writeFileSync("dist/.tsbuildinfo", "");`;

describe("the step of the build", () => {
  let root = "";

  beforeEach(() => {
    root = temporaryFolder();
    writeProgram(path.join(root, "node_modules/typescript/bin/tsc"), COMPILER);
    for (const name of ["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json"])
      fs.writeFileSync(path.join(root, name), "{}");
    write("sdk/a.ts", "a");
    write("sdk/a.test.ts", "test");
  });

  function write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  }

  function compilations(): number {
    const log = path.join(root, "tsc.log");
    return fs.existsSync(log) ? fs.readFileSync(log, "utf8").length : 0;
  }

  it("compiles when something is new or changed, and only then", async () => {
    const { ensureBuild } = await import("./build.mjs");
    await ensureBuild(root, recordingOutput());
    await ensureBuild(root, recordingOutput());
    assert.equal(compilations(), 1);
    write("sdk/a.ts", "a, changed");
    await ensureBuild(root, recordingOutput());
    assert.equal(compilations(), 2);
    write("sdk/a.test.ts", "a changed test is no part of the build");
    await ensureBuild(root, recordingOutput());
    assert.equal(compilations(), 2);
  });

  it("compiles once when two set-ups start together", async () => {
    const { ensureBuild } = await import("./build.mjs");
    await Promise.all([ensureBuild(root, recordingOutput()), ensureBuild(root, recordingOutput())]);
    assert.equal(compilations(), 1);
  });

  it("removes what no source compiles to any more", async () => {
    const { ensureBuild } = await import("./build.mjs");
    write("sdk/b.ts", "b");
    await ensureBuild(root, recordingOutput());
    assert.deepEqual(fs.readdirSync(path.join(root, "dist/sdk")), ["a.d.ts", "a.js", "b.d.ts", "b.js"]);
    fs.rmSync(path.join(root, "sdk/b.ts"));
    await ensureBuild(root, recordingOutput());
    assert.deepEqual(fs.readdirSync(path.join(root, "dist/sdk")), ["a.d.ts", "a.js"]);
  });

  it("makes again what someone removed from dist, past the compiler's own record", async () => {
    const { ensureBuild } = await import("./build.mjs");
    await ensureBuild(root, recordingOutput());
    fs.rmSync(path.join(root, "dist/sdk/a.js"));
    await ensureBuild(root, recordingOutput());
    assert.equal(fs.readFileSync(path.join(root, "dist/sdk/a.js"), "utf8"), "a");
  });

  it("shows the compiler's errors, fails, and is not taken for done", async () => {
    const { ensureBuild, isBuilt } = await import("./build.mjs");
    const output = recordingOutput();
    write("tsc.fails", "");
    await assert.rejects(ensureBuild(root, output), {
      message: "build: tsc -p tsconfig.build.json: exit code 2; correct the errors above",
    });
    assert.ok(output.lines.includes("sdk/a.ts(1,1): error TS1: bad\n"));
    assert.equal(isBuilt(root), false);
  });
});
