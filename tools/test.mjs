import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { forwardInterruptions } from "./setup/interruption.mjs";
import { root } from "./setup/paths.mjs";
import { missingToolsVariable } from "./setup/prepare.mjs";
import { mochaArguments } from "./testing/mocha-arguments.mjs";
import { summarize } from "./testing/summary.mjs";

const inCi = process.env.CI === "true";
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-tests-"));
const resultFile = path.join(scratch, "result.json");

let interrupted = false;

/** @returns {Promise<boolean>} whether mocha ended with exit code 0 */
function runMocha() {
  const mocha = path.join(root, "node_modules", "mocha", "bin", "mocha.js");
  const reporter = [
    "--reporter",
    path.join(root, "tools", "testing", "reporter.mjs"),
    "--reporter-option",
    `result=${resultFile}`,
  ];
  const strict = inCi ? ["--forbid-only"] : [];
  const { node, mocha: own } = mochaArguments(root, process.argv.slice(2));
  const args = [...node, mocha, ...reporter, ...strict, ...own];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    forwardInterruptions((signal) => {
      interrupted = true;
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
}

const endedWell = await runMocha();
const text = fs.existsSync(resultFile) ? fs.readFileSync(resultFile, "utf8") : "";
fs.rmSync(scratch, { recursive: true, force: true });
const { lines, ok } = summarize(text === "" ? undefined : JSON.parse(text), {
  endedWell,
  interrupted,
  inCi,
  missingTools: (process.env[missingToolsVariable] ?? "").split("\n").filter((line) => line !== ""),
});
process.stdout.write(`\n${lines.join("\n")}\n`);
process.exitCode = ok ? 0 : 1;
