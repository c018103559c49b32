import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { recordingOutput, temporaryFolder, writeProgram } from "../testing/temporary-folder";

/** A fake npm: logs its arguments and records every package of the lock file as installed. */
const NPM = `
const fs = require("fs");
fs.appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
if (fs.existsSync("npm.fails")) { console.error("npm warn old lock\\nnpm error code E404\\nnpm error\\nnpm error not found: acme\\nnpm error A complete log"); process.exit(1); }
fs.mkdirSync("node_modules", { recursive: true });
setTimeout(() => fs.copyFileSync("package-lock.json", "node_modules/.package-lock.json"), 100);`;

function lock(packages: Record<string, object>): string {
  return JSON.stringify({ packages: { "": { name: "acme" }, ...packages } });
}

describe("ensureDependencies", () => {
  let root = "";
  const npmBefore = process.env.npm_execpath;

  beforeEach(() => {
    root = temporaryFolder();
    process.env.npm_execpath = writeProgram(path.join(root, "npm-cli.js"), NPM);
    fs.writeFileSync(path.join(root, "package.json"), '{"name":"acme"}');
    fs.writeFileSync(
      path.join(root, "package-lock.json"),
      lock({ "node_modules/a": { version: "1.0.0", integrity: "x" } }),
    );
  });

  afterEach(() => {
    if (npmBefore === undefined) delete process.env.npm_execpath;
    else process.env.npm_execpath = npmBefore;
  });

  function npmCalls(): string[] {
    const log = path.join(root, "npm.log");
    return fs.existsSync(log) ? fs.readFileSync(log, "utf8").trim().split("\n") : [];
  }

  it("installs dependencies once and links the package by its own name", async () => {
    const { ensureDependencies } = await import("./dependencies.mjs");
    const output = recordingOutput();
    await ensureDependencies(root, output);
    await ensureDependencies(root, output);
    assert.deepEqual(npmCalls(), ["ci --ignore-scripts --no-progress --loglevel=error"]);
    assert.equal(output.lines.length, 2);
    assert.equal(output.lines[0], "dependencies: running npm ci, because node_modules differs from package-lock.json");
    assert.equal(fs.realpathSync(path.join(root, "node_modules", "acme")), root);
  });

  it("installs dependencies once when two set-ups start together", async () => {
    const { ensureDependencies } = await import("./dependencies.mjs");
    const output = recordingOutput();
    await Promise.all([ensureDependencies(root, output), ensureDependencies(root, output)]);
    assert.equal(npmCalls().length, 1);
    assert.equal(output.lines.filter((line) => line.includes("waiting for another set-up")).length, 1);
  });

  it("installs again when a package in package-lock.json has changed", async () => {
    const { ensureDependencies } = await import("./dependencies.mjs");
    await ensureDependencies(root, recordingOutput());
    fs.writeFileSync(
      path.join(root, "package-lock.json"),
      lock({ "node_modules/a": { version: "1.0.1", integrity: "y" } }),
    );
    await ensureDependencies(root, recordingOutput());
    assert.equal(npmCalls().length, 2);
  });

  it("accepts additional packages and missing optional packages of other platforms", async () => {
    const { areInstalled } = await import("./dependencies.mjs");
    fs.mkdirSync(path.join(root, "node_modules"));
    fs.copyFileSync(path.join(root, "package-lock.json"), path.join(root, "node_modules", ".package-lock.json"));
    const a = { version: "1.0.0", integrity: "x" };
    fs.writeFileSync(
      path.join(root, "node_modules", ".package-lock.json"),
      lock({ "node_modules/a": a, "node_modules/b": a }),
    );
    fs.writeFileSync(
      path.join(root, "package-lock.json"),
      lock({ "node_modules/a": a, "node_modules/mac": { ...a, optional: true } }),
    );
    assert.equal(areInstalled(root), true);
    fs.writeFileSync(path.join(root, "package-lock.json"), lock({ "node_modules/a": a, "node_modules/mac": a }));
    assert.equal(areInstalled(root), false);
  });

  it("reports npm's own error in one line and repeats a failed installation", async () => {
    const { areInstalled, ensureDependencies } = await import("./dependencies.mjs");
    fs.mkdirSync(path.join(root, "node_modules"));
    fs.writeFileSync(path.join(root, "node_modules", ".package-lock.json"), lock({}));
    fs.writeFileSync(path.join(root, "npm.fails"), "");
    await assert.rejects(ensureDependencies(root, recordingOutput()), {
      message: "dependencies: npm ci: code E404; not found: acme; run npm ci to see its full output",
    });
    assert.equal(fs.existsSync(path.join(root, "node_modules", ".package-lock.json")), false);
    assert.equal(areInstalled(root), false);
  });
});
