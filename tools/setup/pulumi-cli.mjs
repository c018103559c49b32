import path from "node:path";
import { withLock } from "./lock.mjs";
import { SetupError, shortPath } from "./output.mjs";
import { buildWithGo, pinnedVersion } from "./pulumi-from-go.mjs";
import { downloadWithNpmPackage, npmPackageVersion } from "./pulumi-from-npm.mjs";
import { findOnPath, withLaunchersLast } from "./pulumi-on-path.mjs";
import { minimumVersion, programFolder, storedVersion, versionsFolder } from "./pulumi-places.mjs";

const STEP = "pulumi CLI";
const LOCK_LIMIT_SECONDS = 3600;

/**
 * Provides a Pulumi CLI: the one on PATH, else one in Pulumi's own versions folder, else a download by the npm package
 * `pulumi`, else a build from the Go module proxy. Prints one line for each attempt.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./output.mjs").Output} output
 * @returns {Promise<{searchPath: string, folder: string}>} the PATH on which `pulumi` is that CLI, and the folder that was
 *   added to PATH; empty when the CLI is on the user's PATH
 * @throws {SetupError} when every attempt fails; the message says what to install
 */
export async function ensurePulumi(root, env, output) {
  const searchPath = withLaunchersLast(env.PATH ?? "");
  const onPath = await findOnPath(env, path.join(root, "node_modules", ".cache", "pulumi-safeguard", "cli-version"));
  if ("version" in onPath) {
    output.say(STEP, `${onPath.version}, ${shortPath(onPath.file)} on PATH`);
    return { searchPath, folder: "" };
  }
  const version = stored(root, env) ?? (await acquire(root, env, output, onPath.problem));
  const folder = programFolder(env, version);
  const reason = onPath.problem === "not on PATH" ? "" : ` (${onPath.problem})`;
  output.say(STEP, `${version} in ${shortPath(folder)}${reason}`);
  return { searchPath: `${folder}${path.delimiter}${searchPath}`, folder };
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
function stored(root, env) {
  return storedVersion(env, npmPackageVersion(root, env));
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./output.mjs").Output} output
 * @param {string} pathProblem
 */
async function acquire(root, env, output, pathProblem) {
  const lock = path.join(versionsFolder(env), ".pulumi-safeguard.lock");
  const onWait = () => output.say(STEP, "waiting for another set-up that is installing it");
  return withLock(lock, { limitSeconds: LOCK_LIMIT_SECONDS, onWait }, async () => {
    const present = stored(root, env);
    if (present) return present;
    output.say(STEP, pathProblem);

    const official = npmPackageVersion(root, env);
    output.say(STEP, `downloading ${official} with the npm package pulumi`);
    const downloadProblem = await downloadWithNpmPackage(root, env, official);
    if (!downloadProblem) return official;
    output.say(STEP, `download failed: ${downloadProblem}`);

    const buildProblem = await buildWithGo(root, env, output);
    if (buildProblem)
      throw new SetupError(
        `${STEP}: ${pathProblem}; npm package pulumi: ${downloadProblem}; ${buildProblem}; ` +
          `install the Pulumi CLI ${minimumVersion} or newer (https://www.pulumi.com/docs/iac/download-install/), or Go 1.25 or newer`,
      );
    return pinnedVersion(root);
  });
}
