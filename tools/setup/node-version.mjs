import fs from "node:fs";
import path from "node:path";
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
 * The Node program of a major version: the running one when it matches, else one from the npm package that carries Node
 * for this platform, kept in node_modules/.cache.
 *
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 * @param {string} major empty for the running Node
 * @returns {Promise<string>} its path
 * @throws {SetupError} when npm cannot install it
 */
export async function ensureNode(root, output, major) {
  if (major === "" || process.versions.node.split(".")[0] === major) return process.execPath;
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const cache = path.join(root, "node_modules", ".cache", "pulumi-safeguard");
  const place = path.join(cache, `node-${major}`);
  const program = path.join("node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!fs.existsSync(path.join(place, program))) await downloadNode(output, `${name}@${major}`, cache, place);
  return path.join(place, program);
}

/**
 * @param {import("./output.mjs").Output} output
 * @param {string} wanted
 * @param {string} cache
 * @param {string} place
 */
async function downloadNode(output, wanted, cache, place) {
  output.say("node", `downloading the npm package ${wanted} into ${path.relative(process.cwd(), place)}`);
  fs.mkdirSync(cache, { recursive: true });
  const work = fs.mkdtempSync(path.join(cache, ".downloading-"));
  try {
    fs.writeFileSync(path.join(work, "package.json"), '{"private":true}\n');
    const [command, ...args] = npm("install", "--no-package-lock", "--no-progress", "--loglevel=error", wanted);
    const ending = await runChild(command, args, { cwd: work, limitSeconds: LIMIT_SECONDS });
    if (!ending.ok) throw new SetupError(`node: npm install ${wanted}: ${whyItFailed(ending)}`);
    fs.rmSync(place, { recursive: true, force: true });
    fs.renameSync(work, place);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} major */
function checked(major) {
  if (/^\d*$/.test(major)) return major;
  throw new SetupError(`Invalid value for --node: ${major}. Allowed values are: a major version such as 24.`);
}
