import path from "node:path";
import { ensureBuild } from "./build.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { ensureNode } from "./node-version.mjs";
import { SetupError } from "./output.mjs";
import { ensurePulumi } from "./pulumi-cli.mjs";
import { administrationFolders, ensureSystemTools } from "./system-tools.mjs";

/** @typedef {"dependencies" | "build" | "system tools" | "test tools" | "pulumi CLI"} Step */

/** The variable that tells a command what this machine lacks and what cannot run without it, one problem per line. */
export const missingToolsVariable = "PULUMI_SAFEGUARD_MISSING_TOOLS";

/** The variable that tells a command the CLI's folder; unset when the CLI is on the user's PATH. */
export const cliFolderVariable = "PULUMI_SAFEGUARD_CLI_FOLDER";

/**
 * Runs set-up steps.
 *
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 * @param {{steps: Step[], nodeMajor: string, pulumiIsOptional: boolean}} wanted `nodeMajor` is empty for the running Node
 * @returns {Promise<{node: string, env: NodeJS.ProcessEnv}>} the Node and the environment to run the command with
 * @throws {SetupError} when a step fails; with CI=true also when an optional tool is missing
 */
export async function prepare(root, output, { steps, nodeMajor, pulumiIsOptional }) {
  const env = { ...process.env };
  /** @type {string[]} */
  const missing = [];

  if (steps.includes("dependencies")) await ensureDependencies(root, output);
  if (steps.includes("build")) await ensureBuild(root, output);
  if (steps.includes("system tools")) {
    const problem = await ensureSystemTools(output, env, steps.includes("test tools"));
    if (problem) missing.push(`system tools: ${problem}`);
    if (process.platform !== "win32") env.PATH = withFolders(env.PATH ?? "", administrationFolders);
  }
  if (steps.includes("pulumi CLI")) {
    try {
      const { searchPath, folder } = await ensurePulumi(root, env, output);
      env.PATH = searchPath;
      if (folder) env[cliFolderVariable] = folder;
    } catch (error) {
      if (!pulumiIsOptional || !(error instanceof SetupError)) throw error;
      missing.push(error.message);
    }
  }
  if (missing.length > 0 && env.CI === "true")
    throw new SetupError(`${missing.join("; ")} (CI=true: nothing may be missing)`);
  if (missing.length > 0) env[missingToolsVariable] = missing.join("\n");

  const node = await ensureNode(output, nodeMajor);
  if (node !== process.execPath) env.PATH = `${path.dirname(node)}${path.delimiter}${env.PATH ?? ""}`;
  return { node, env };
}

/**
 * @param {string} searchPath
 * @param {string[]} folders added at the end unless present
 */
function withFolders(searchPath, folders) {
  const present = searchPath.split(path.delimiter);
  return [...present, ...folders.filter((folder) => !present.includes(folder))].join(path.delimiter);
}
