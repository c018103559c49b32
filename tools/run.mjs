import path from "node:path";
import { takeNodeOption } from "./setup/node-version.mjs";
import { outputTo, reportFailure, SetupError } from "./setup/output.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runVerb } from "./setup/verb.mjs";

/**
 * A verb of package.json's scripts: the set-up steps it needs, and the command it then runs in the project's root.
 *
 * @typedef {object} Verb
 * @property {import("./setup/prepare.mjs").Step[]} steps
 * @property {string[]} command arguments for node
 * @property {boolean} [printsData] its standard output is data, so the set-up speaks on standard error
 * @property {boolean} [runsWithoutPulumi] a missing CLI is said, not fatal
 */

/** @type {Record<string, Verb>} */
const verbs = {
  start: {
    steps: ["dependencies", "build", "system tools", "pulumi CLI"],
    command: ["--import", "tsx", "tools/start/main.ts"],
  },
  configure: {
    steps: ["dependencies", "build", "pulumi CLI"],
    command: ["--import", "tsx", "tools/start/configure.ts"],
  },
  test: {
    steps: ["dependencies", "build", "system tools", "pulumi CLI"],
    command: ["tools/test.mjs"],
    runsWithoutPulumi: true,
  },
  lab: { steps: ["dependencies", "build", "system tools"], command: ["dist/lab/cli/main.js"], printsData: true },
  bench: {
    steps: ["dependencies", "build", "system tools", "pulumi CLI"],
    command: ["tools/bench.mjs"],
    printsData: true,
  },
  check: { steps: ["dependencies", "build"], command: ["tools/check.mjs"] },
  build: { steps: ["dependencies", "build"], command: [] },
  docs: { steps: ["dependencies"], command: ["--import", "tsx", "tools/docs/main.ts"] },
};

const [name = "", ...rest] = process.argv.slice(2);
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
try {
  if (!verb) throw new SetupError(`unknown verb ${name || "(none)"}; the verbs are ${Object.keys(verbs).join(", ")}`);
  const output = outputTo(verb.printsData ? process.stderr : process.stdout);
  const { nodeMajor, args } = name === "test" ? takeNodeOption(rest) : { nodeMajor: "", args: rest };
  const { node, env } = await prepare(root, output, {
    steps: verb.steps,
    nodeMajor,
    pulumiIsOptional: verb.runsWithoutPulumi === true,
  });
  if (verb.command.length > 0)
    process.exitCode = await runVerb(node, [...verb.command, ...args], { cwd: path.resolve(root), env });
} catch (error) {
  process.exitCode = reportFailure(error);
}
