import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { forwardInterruptions } from "./setup/interruption.mjs";
import { root } from "./setup/paths.mjs";
import { missingToolsVariable } from "./setup/prepare.mjs";
import { checkExamples, recordingVariable } from "./testing/error-examples.mjs";
import { mochaArguments, slowFiles } from "./testing/mocha-arguments.mjs";
import { merge, summarize } from "./testing/summary.mjs";

const given = process.argv.slice(2);
const args = given.filter((arg) => arg !== "--all");
const withSlow = args.length < given.length;
const inCi = process.env.CI === "true";
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-tests-"));

let interrupted = false;
/** @type {import("node:child_process").ChildProcess[]} */
const children = [];
forwardInterruptions((signal) => {
  interrupted = true;
  // A terminal sends Ctrl-C to the children as well.
  if (signal !== "SIGINT" || !process.stdin.isTTY) for (const child of children) child.kill(signal);
});

/**
 * Runs one mocha process.
 *
 * @param {{node: string[], mocha: string[]}} lane
 * @param {number} number
 * @returns {Promise<{endedWell: boolean, recording: string, result: import("./testing/reporter.mjs").TestResult | undefined}>}
 */
async function runMocha(lane, number) {
  const mocha = path.join(root, "node_modules", "mocha", "bin", "mocha.js");
  const resultFile = path.join(scratch, `result-${number}.json`);
  const recording = path.join(scratch, `failures-${number}.jsonl`);
  const recorder = path.join(root, "tools", "testing", "record-failures.mjs");
  const reporter = [
    "--reporter",
    path.join(root, "tools", "testing", "reporter.mjs"),
    "--reporter-option",
    `result=${resultFile}`,
  ];
  const strict = inCi ? ["--forbid-only"] : [];
  const args = [...lane.node, `--import=${recorder}`, mocha, ...reporter, ...strict, ...lane.mocha];
  const endedWell = await new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      // The provider stores state of joins there; records of the tests' appliances must not mix with the user's own.
      env: { ...process.env, XDG_STATE_HOME: path.join(scratch, "state"), [recordingVariable]: recording },
    });
    children.push(child);
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
  const text = fs.existsSync(resultFile) ? fs.readFileSync(resultFile, "utf8") : "";
  return { endedWell, recording, result: text === "" ? undefined : JSON.parse(text) };
}

const runs = await Promise.all(mochaArguments(root, args, { withSlow }).map(runMocha));
const endedWell = runs.every((run) => run.endedWell);
const result = merge(runs.map((run) => run.result));
// Only a complete run can show that no test provokes an error.
const isComplete = withSlow && args.length === 0 && endedWell && result?.failed === 0 && result.notRun.length === 0;
const problems = checkExamples(root, { isComplete, recordings: runs.map(({ recording }) => recording) });
fs.rmSync(scratch, { recursive: true, force: true });
const { lines, ok } = summarize(result, {
  endedWell,
  problems,
  interrupted,
  inCi,
  leftOut: withSlow ? 0 : slowFiles(root, args),
  missingTools: (process.env[missingToolsVariable] ?? "").split("\n").filter((line) => line !== ""),
});
process.stdout.write(`\n${lines.join("\n")}\n`);
process.exitCode = ok ? 0 : 1;
