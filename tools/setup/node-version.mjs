import { runChild, whyItFailed } from "./child.mjs";
import { npm } from "./dependencies.mjs";
import { SetupError } from "./output.mjs";

const LIMIT_SECONDS = 600;

/**
 * Takes `--node <major>` (or `--node=<major>`) out of a command's arguments. The default is the variable SAFEGUARD_NODE.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{nodeMajor: string, args: string[]}} `nodeMajor` is empty for the running Node
 * @throws {SetupError} when the value is not a major version
 */
export function takeNodeOption(args, env = process.env) {
  const index = args.findIndex((arg) => arg === "--node" || arg.startsWith("--node="));
  if (index === -1) return { nodeMajor: checked(env.SAFEGUARD_NODE ?? ""), args };
  const inline = args[index].includes("=");
  const nodeMajor = inline ? args[index].slice("--node=".length) : (args[index + 1] ?? "");
  if (nodeMajor === "")
    throw new SetupError("Missing value for --node. Allowed values are: a major version such as 24.");
  return { nodeMajor: checked(nodeMajor), args: args.toSpliced(index, inline ? 1 : 2) };
}

/**
 * The Node program of a major version: the running one when it matches, else the npm package that carries Node for this
 * platform, in npm's own cache.
 *
 * @param {import("./output.mjs").Output} output
 * @param {string} major empty for the running Node
 * @returns {Promise<string>} its path
 * @throws {SetupError} when npm cannot install it
 */
export async function ensureNode(output, major) {
  if (major === "" || process.versions.node.split(".")[0] === major) return process.execPath;
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}@${major}`;
  output.say("node", `using the npm package ${name}`);
  const program = ["--", "node", "-p", "process.execPath"];
  const [command, ...args] = npm("exec", "--yes", "--prefer-offline", `--package=${name}`, ...program);
  const ending = await runChild(command, args, { limitSeconds: LIMIT_SECONDS });
  if (!ending.ok) throw new SetupError(`node: npm exec --package=${name}: ${whyItFailed(ending)}`);
  return ending.stdout.trim();
}

/** @param {string} major */
function checked(major) {
  if (/^\d*$/.test(major)) return major;
  throw new SetupError(`Invalid value for --node: ${major}. Allowed values are: a major version such as 24.`);
}
