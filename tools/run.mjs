import path from "node:path";
import { help } from "./help.mjs";
import { takeNodeOption } from "./setup/node-version.mjs";
import { outputTo, reportFailure, SetupError } from "./setup/output.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runProgram } from "./setup/run-program.mjs";

/**
 * A command of package.json's scripts: the set-up steps it needs, and the program it then runs in the project's root.
 *
 * @typedef {object} Command
 * @property {import("./setup/prepare.mjs").Step[]} steps
 * @property {string[]} program arguments for node
 * @property {boolean} [printsData] its standard output is data, so the set-up prints to standard error
 * @property {import("./setup/prepare.mjs").Step[]} [helpSteps] the steps that its own help needs; absent without own help
 * @property {boolean} [runsWithoutPulumi] a missing CLI is reported and does not stop the command
 */

/** @type {Record<string, Command>} */
const commands = {
  start: {
    steps: ["dependencies", "build", "system tools", "pulumi CLI"],
    program: ["--import", "tsx", "tools/start/main.ts"],
  },
  configure: {
    steps: ["dependencies", "build", "pulumi CLI"],
    program: ["--import", "tsx", "tools/start/configure.ts"],
  },
  "demo:sites": {
    steps: ["dependencies", "build", "pulumi CLI"],
    program: ["--import", "tsx", "tools/start/sites.ts"],
  },
  test: {
    steps: ["dependencies", "build", "system tools", "test tools", "pulumi CLI"],
    program: ["tools/test.mjs"],
    runsWithoutPulumi: true,
  },
  lab: {
    steps: ["dependencies", "build", "system tools"],
    helpSteps: ["dependencies", "build"],
    program: ["dist/lab/cli/main.js"],
    printsData: true,
  },
  bench: {
    steps: ["dependencies", "build", "system tools", "pulumi CLI"],
    helpSteps: [],
    program: ["tools/bench.mjs"],
    printsData: true,
  },
  check: { steps: ["dependencies", "build"], program: ["tools/check.mjs"] },
  build: { steps: ["dependencies", "build"], program: [] },
  docs: { steps: ["dependencies"], program: ["--import", "tsx", "tools/docs/main.ts"] },
};

const [name = "", ...rest] = process.argv.slice(2);
try {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    throw new SetupError(
      `Invalid value for the command: ${name || "(none)"}. Allowed values are: ${Object.keys(commands).join(", ")}.`,
    );
  const isHelp = rest.some((arg) => arg === "--help" || arg === "-h");
  const output = outputTo(command.printsData ? process.stderr : process.stdout);
  if (isHelp && command.helpSteps === undefined) {
    process.stdout.write(help[name]);
    process.exit();
  }
  const { nodeMajor, args } = name === "test" ? takeNodeOption(rest) : { nodeMajor: "", args: rest };
  const { node, env } = await prepare(root, output, {
    steps: isHelp ? (command.helpSteps ?? []) : command.steps,
    nodeMajor,
    pulumiIsOptional: command.runsWithoutPulumi === true,
  });
  if (command.program.length > 0)
    process.exitCode = await runProgram(node, [...command.program, ...args], { cwd: path.resolve(root), env });
} catch (error) {
  process.exitCode = reportFailure(error);
}
