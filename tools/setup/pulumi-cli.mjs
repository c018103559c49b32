import path from "node:path";
import { withLock } from "./lock.mjs";
import { duration, friendly, SetupError } from "./output.mjs";
import { buildWithGo, pinnedVersion } from "./pulumi-from-go.mjs";
import { fetchWithNpmPackage, npmPackageVersion } from "./pulumi-from-npm.mjs";
import { findOnPath, withLaunchersLast } from "./pulumi-on-path.mjs";
import { minimumVersion, programFolder, storedVersion, versionsFolder } from "./pulumi-places.mjs";

const STEP = "pulumi CLI";
const LOCK_LIMIT_SECONDS = 3600;

/**
 * Finds or makes a Pulumi CLI: one on PATH, else one that lies in Pulumi's own versions folder, else what the npm package
 * `pulumi` fetches, else a build from the Go module proxy. Each attempt says so in one line.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./output.mjs").Output} output
 * @returns {Promise<{searchPath: string, folder: string}>} the PATH with which `pulumi` starts that CLI, and the folder
 *   that was put on it; empty where the user's own PATH has the CLI
 * @throws {SetupError} when no attempt succeeds; the message says what to install
 */
export async function ensurePulumi(root, env, output) {
  const searchPath = withLaunchersLast(env.PATH ?? "");
  const onPath = await findOnPath(env, path.join(root, "node_modules", ".cache", "pulumi-safeguard", "cli-version"));
  if ("version" in onPath) {
    output.say(STEP, `${onPath.version}, ${friendly(onPath.file)} on PATH`);
    return { searchPath, folder: "" };
  }
  const version = stored(root, env) ?? (await acquire(root, env, output, onPath.problem));
  const folder = programFolder(env, version);
  const aside = onPath.problem === "not on PATH" ? "" : ` (${onPath.problem})`;
  output.say(STEP, `${version} in ${friendly(folder)}${aside}`);
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
  const waiting = () => output.say(STEP, "another set-up is getting it; waiting for that one");
  return withLock(lock, { limitSeconds: LOCK_LIMIT_SECONDS, onWait: waiting }, async () => {
    const present = stored(root, env);
    if (present) return present;
    output.say(STEP, pathProblem);

    const official = npmPackageVersion(root, env);
    output.say(STEP, `fetching ${official} with the npm package pulumi`);
    const fetchProblem = await fetchWithNpmPackage(root, env, official);
    if (!fetchProblem) return official;
    output.say(STEP, `could not be fetched: ${fetchProblem}`);

    const pinned = pinnedVersion(root);
    const place = friendly(programFolder(env, pinned));
    output.say(STEP, `building ${pinned} from the Go module proxy into ${place}, once; about 7 minutes on two cores`);
    const start = Date.now();
    const buildProblem = await buildWithGo(root, env, output);
    if (buildProblem)
      throw new SetupError(
        `${STEP}: ${pathProblem}; npm package pulumi: ${fetchProblem}; go: ${buildProblem}; ` +
          `install the Pulumi CLI ${minimumVersion} or newer (https://www.pulumi.com/docs/iac/download-install/), or Go 1.25 or newer`,
      );
    output.say(STEP, `built in ${duration(Date.now() - start)}`);
    return pinned;
  });
}
