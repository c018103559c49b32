import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { CATALOGUE } from "../../provider/core/errors";
import { temporaryFolder } from "./temporary-folder";

const ROOT = path.resolve(__dirname, "../..");

describe("examples of errors in the documentation", () => {
  it("removes from examples of errors all parts that differ between runs", async () => {
    const { normalized } = await import("./error-examples.mjs");
    assert.equal(
      normalized(
        "router 127.0.0.1:40123: within 0.3 s: read /tmp/keys-x1/known: since 2026-11-28T04:10:47.123Z node 1b4e28ba-2fa1-41d2-883f-0016d3cca427; ssh-ed25519 AAAAC3Nz [SG3014]",
      ),
      "router 10.0.0.1:22: within 120 s: read /path/to/file: since 2026-01-31T12:00:00Z node 12345678-90ab-4cde-8f01-234567890abc; ssh-ed25519 AAAA… [SG3014]",
    );
  });

  it("reports an error that no test provokes, or provokes with another message", async () => {
    const { exampleProblems } = await import("./error-examples.mjs");
    const line = (cause: string, code: string, request = "GET /a") => `sps a: ${request}: ${cause}; retry [${code}]`;
    const examples = { SG1: line("old", "SG1"), SG2: line("two (1 s)", "SG2"), SG4: line("gone", "SG4") };
    const recorded = [
      { code: "SG1", line: line("new", "SG1") },
      { code: "SG2", line: line("two (9 s, last seen: down)", "SG2", "PUT /b") },
    ];
    const problems = exampleProblems(examples, ["SG1", "SG2", "SG3"], recorded);
    assert.equal(problems.length, 3);
    assert.match(problems[0] ?? "", /^SG3: no test provokes this error/);
    assert.match(problems[1] ?? "", /^SG1: its example in the documentation differs from the message of the code/);
    assert.match(problems[2] ?? "", /^SG4: has an example but no entry/);
  });

  it("keeps examples that tests produce, and replaces others by object, length and alphabet", async () => {
    const { updatedExamples } = await import("./error-examples.mjs");
    const of = (code: string, ...lines: string[]) => lines.map((line) => ({ code, line }));
    const recorded = [
      ...of("SG1", "sps 10.0.0.1: a: b; c [SG1]", "sps 10.0.0.1: kept: b; c [SG1]"),
      ...of("SG2", "router r: a: b; c [SG2]", "router 10.0.0.1:22: z: b; c [SG2]", "router 10.0.0.1:22: a: b; c [SG2]"),
    ];
    const examples = { SG1: "sps 10.0.0.1: kept: b; c [SG1]", SG2: "gone [SG2]", SG3: "not run", SG9: "no such code" };
    assert.deepEqual(updatedExamples(examples, ["SG1", "SG2", "SG3"], recorded), {
      SG1: "sps 10.0.0.1: kept: b; c [SG1]",
      SG2: "router 10.0.0.1:22: a: b; c [SG2]",
      SG3: "not run",
    });
  });

  it("reads every code of the catalogue from its sources", async () => {
    const { catalogueCodes } = await import("./error-examples.mjs");
    assert.deepEqual(catalogueCodes(ROOT).sort(), Object.keys(CATALOGUE).sort());
  });

  it("records failures of the code under test, but not those that a test creates", () => {
    const folder = temporaryFolder();
    const recording = path.join(folder, "failures.jsonl");
    const script = `
      const { inShape } = require(${JSON.stringify(path.join(ROOT, "provider/https/shape.ts"))});
      const { z } = require("zod");
      try { inShape(z.string(), 1, { object: "sps 127.0.0.1", step: "read", remedy: "report it" }); } catch {}`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import=tsx", `--import=${path.join(ROOT, "tools/testing/record-failures.mjs")}`, "--eval", script],
      { cwd: ROOT, encoding: "utf8", env: { ...process.env, SAFEGUARD_RECORDED_FAILURES: recording } },
    );
    assert.equal(status, 0, stderr);
    const [first, ...rest] = fs.readFileSync(recording, "utf8").trimEnd().split("\n");
    assert.deepEqual(rest, []);
    assert.match(first ?? "", /^\{"code":"SG1012","line":"sps 10\.0\.0\.1: read: the answer has an unexpected shape/);
  });
});
