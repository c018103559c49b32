import fs from "node:fs";
import path from "node:path";
import { runChild, whyItFailed } from "./child.mjs";
import { cliProgram, isNewEnough, isProgram, minimumVersion, requiredPrograms } from "./pulumi-places.mjs";

const LIMIT_SECONDS = 20;

/**
 * A usable CLI on PATH, or why PATH has none, in a few words.
 *
 * @typedef {{version: string, file: string} | {problem: string}} PathFinding
 */

/**
 * Looks for a new enough `pulumi` on PATH. Skips the launchers of the npm package of that name, which would download a CLI.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cacheFile keeps the version of the CLI, because `pulumi version` takes a quarter of a second
 * @returns {Promise<PathFinding>}
 */
export async function findOnPath(env, cacheFile) {
  const folders = foldersOf(env);
  const file = folders
    .map((folder) => path.join(folder, cliProgram))
    .find((name) => isProgram(name) && !isLauncher(name));
  if (!file) return { problem: "not on PATH" };
  const version = await versionOf(file, env, cacheFile);
  if (!/^v?\d/.test(version)) return { problem: `${file} on PATH reports no version: ${version}` };
  if (!isNewEnough(version)) return { problem: `${file} on PATH is ${version}, older than ${minimumVersion}` };
  const places = [...folders, path.dirname(fs.realpathSync(file))];
  const missing = requiredPrograms.find((name) => !places.some((folder) => isProgram(path.join(folder, name))));
  if (missing) return { problem: `${file} on PATH has no ${missing} beside it` };
  return { version, file };
}

/**
 * PATH with npm's launcher folders moved to its end, so that `pulumi` is not npm's launcher.
 *
 * @param {string} searchPath
 * @returns {string}
 */
export function withLaunchersLast(searchPath) {
  const folders = searchPath.split(path.delimiter);
  const launchers = folders.filter(isLauncherFolder);
  return [...folders.filter((folder) => !isLauncherFolder(folder)), ...launchers].join(path.delimiter);
}

/** @param {NodeJS.ProcessEnv} env */
function foldersOf(env) {
  return (env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "" && !isLauncherFolder(folder));
}

/** @param {string} folder */
function isLauncherFolder(folder) {
  return /[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder) || /[\\/]node-gyp-bin[\\/]?$/.test(folder);
}

/** @param {string} file */
function isLauncher(file) {
  return /[\\/]node_modules[\\/]pulumi[\\/]/.test(fs.realpathSync(file));
}

/**
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cacheFile
 */
async function versionOf(file, env, cacheFile) {
  const real = fs.realpathSync(file);
  const { size, mtimeMs } = fs.statSync(real);
  const key = `${real} ${size} ${mtimeMs}`;
  try {
    const [cachedKey, cachedVersion] = fs.readFileSync(cacheFile, "utf8").split("\n");
    if (cachedKey === key && cachedVersion) return cachedVersion;
  } catch {
    // Not cached yet.
  }
  const ending = await runChild(file, ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    limitSeconds: LIMIT_SECONDS,
  });
  if (!ending.ok) return whyItFailed(ending);
  const version = ending.stdout.trim().replace(/^v/, "");
  fs.mkdirSync(path.dirname(cacheFile), { recursive: true });
  fs.writeFileSync(cacheFile, `${key}\n${version}\n`);
  return version;
}
