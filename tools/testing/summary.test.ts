import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { after, describe, it } from "mocha";

const root = path.resolve(__dirname, "../..");
const successful = { endedWell: true, interrupted: false, inCi: false, missingTools: [] };

describe("summary of npm test", () => {
  const folders: string[] = [];

  after(() => {
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  });

  /** Writes a test file where mocha is found, and the command that runs it. */
  function sample(text: string): { command: string[]; folder: string } {
    const folder = fs.mkdtempSync(path.join(root, "node_modules", ".cache-test-"));
    folders.push(folder);
    const file = path.join(folder, "sample.test.ts");
    fs.writeFileSync(file, `import { after, it } from "mocha"; import fs from "node:fs";\n${text}`);
    return { command: [path.join(root, "tools", "test.mjs"), file], folder };
  }

  it("lists the slowest tests and ends with the counts", async () => {
    const { summarize } = await import("./summary.mjs");
    const result = { passed: 3, failed: 0, notRun: [], slowest: [{ title: "a b", milliseconds: 1234 }] };
    assert.deepEqual(summarize(result, successful), {
      lines: ["Slowest tests:", "    1.23 s  a b", "3 passed, 0 failed"],
      ok: true,
    });
  });

  it("names the slow tests that did not run, and counts them as no failure", async () => {
    const { summarize } = await import("./summary.mjs");
    const result = { passed: 3, failed: 0, notRun: [], slowest: [] };
    assert.deepEqual(summarize(result, { ...successful, leftOut: 7 }), {
      lines: ["LEFT OUT: 7 files of slow tests; run them with: npm test -- --all", "3 passed, 0 failed"],
      ok: true,
    });
  });

  it("runs each file once, and slow ones with --all or by name only", async () => {
    const { mochaArguments, slowFiles } = await import("./mocha-arguments.mjs");
    const filesOf = (args: string[], withSlow: boolean) =>
      mochaArguments(root, args, { withSlow }).flatMap(({ mocha }) => mocha.filter((arg) => arg.endsWith(".test.ts")));
    const [all, quick] = [filesOf([], true), filesOf([], false)];
    assert.equal(new Set(all).size, all.length);
    assert.ok(slowFiles(root) > 0);
    assert.equal(all.length - quick.length, slowFiles(root));
    assert.deepEqual(
      quick,
      all.filter((file) => !file.endsWith(".slow.test.ts")),
    );
    assert.deepEqual(filesOf(["a.slow.test.ts"], false), ["a.slow.test.ts"]);
    assert.equal(slowFiles(root, ["a.slow.test.ts"]), 0);
  });

  it("runs the test files of a folder that is named", async () => {
    const { mochaArguments, slowFiles } = await import("./mocha-arguments.mjs");
    const lanes = mochaArguments(root, ["cli/logs/"], { withSlow: false });
    assert.deepEqual(
      lanes.map(({ mocha }) => mocha.filter((arg) => arg.startsWith("cli"))),
      [["cli/logs/command.test.ts"]],
    );
    assert.equal(slowFiles(root, ["cli/logs"]), 1);
    const mixed = mochaArguments(root, ["a.test.ts", "-g", "x", "cli/logs"], { withSlow: false });
    assert.deepEqual(
      mixed.map(({ mocha }) => mocha.slice(mocha.indexOf("-g"))),
      [
        ["-g", "x", "a.test.ts"],
        ["-g", "x", "cli/logs/command.test.ts"],
      ],
    );
  });

  it("merges parallel results and has no result when one run did not finish", async () => {
    const { merge } = await import("./summary.mjs");
    const one = { passed: 2, failed: 0, notRun: ["x"], slowest: [{ title: "a", milliseconds: 10 }] };
    const other = { passed: 3, failed: 1, notRun: [], slowest: [{ title: "b", milliseconds: 20 }] };
    assert.deepEqual(merge([one, other]), {
      passed: 5,
      failed: 1,
      notRun: ["x"],
      slowest: [...other.slowest, ...one.slowest],
    });
    assert.equal(merge([one, undefined]), undefined);
  });

  it("counts a run without tests, an unfinished run and an interruption as failures", async () => {
    const { summarize } = await import("./summary.mjs");
    const result = { passed: 2, failed: 0, notRun: [], slowest: [] };
    const last = (...args: Parameters<typeof summarize>) => summarize(...args).lines.at(-1);
    assert.equal(last({ ...result, passed: 0 }, successful), "0 passed, 1 failed");
    assert.equal(last(undefined, { ...successful, endedWell: false }), "0 passed, 1 failed");
    assert.equal(last(result, { ...successful, endedWell: false }), "2 passed, 1 failed");
    assert.equal(last(result, { ...successful, interrupted: true }), "2 passed, 1 failed");
    assert.equal(last(result, { ...successful, problems: ["SG1: no test", "SG2: no test"] }), "2 passed, 1 failed");
  });

  it("names missing tools and tests that did not run, which fail in CI", async () => {
    const { summarize } = await import("./summary.mjs");
    const result = { passed: 2, failed: 0, notRun: ["a c"], slowest: [] };
    const missingTools = ["system tools: nft missing"];
    assert.deepEqual(summarize(result, { ...successful, missingTools }), {
      lines: ["MISSING ON THIS MACHINE: system tools: nft missing", "NOT RUN: a c", "2 passed, 0 failed"],
      ok: true,
    });
    assert.deepEqual(summarize(result, { ...successful, inCi: true }), {
      lines: ["NOT RUN: a c", "FAILED: 1 tests did not run, which CI does not allow", "2 passed, 1 failed"],
      ok: false,
    });
  });

  it("summarizes a real run of only the test files on the command line", () => {
    const { command } = sample(
      'const ok: boolean = true; it("passes", () => {}); it("fails", () => { if (ok) throw new Error("on purpose"); });',
    );
    const env = { ...process.env, CI: "" };
    const { status, stdout } = spawnSync(process.execPath, command, { encoding: "utf8", env });
    assert.equal(status, 1);
    assert.equal(stdout.trimEnd().split("\n").at(-1), "1 passed, 1 failed");
    assert.equal(stdout.split("\n").filter((line) => line.startsWith("  FAILED fails")).length, 1);
    assert.match(stdout, /on purpose/);
  });

  it("prints the summary of an interrupted run after the clean-ups", async () => {
    const { command, folder } = sample(`
      const note = (name: string) => fs.writeFileSync(__dirname + "/" + name, "");
      it("is under way", async () => { note("started"); await new Promise((resolve) => setTimeout(resolve, 1000)); });
      it("is never reached", () => note("reached"));
      after(() => note("cleaned-up"));`);
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "ignore"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    for (let tries = 0; !fs.existsSync(path.join(folder, "started")) && tries < 200; tries += 1) await delay(50);
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.deepEqual(fs.readdirSync(folder).sort(), ["cleaned-up", "sample.test.ts", "started"]);
    assert.deepEqual(stdout.trimEnd().split("\n").slice(-2), ["FAILED: interrupted", "1 passed, 1 failed"]);
  });
});
