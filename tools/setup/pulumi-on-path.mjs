import fs from "node:fs";
import path from "node:path";
import { runChild, whyItFailed } from "./child.mjs";
import { cliProgram, isNewEnough, isProgram, minimumVersion, requiredPrograms } from "./pulumi-places.mjs";

const LIMIT_SECONDS = 20;

/**
 * What PATH offers: a usable CLI's version, or why there is none in a few words.
 *
 * @typedef {{version: string, file: string} | {problem: string}} PathFinding
 */

/**
 * Looks for a new enough `pulumi` on PATH. Launchers of the npm package of that name are passed over: they are no CLI
 * but would fetch one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} memory a file that keeps the version of a CLI once asked, as asking takes a quarter of a second
 * @returns {Promise<PathFinding>}
 */
export async function findOnPath(env, memory) {
  const folders = foldersOf(env);
  const file = folders
    .map((folder) => path.join(folder, cliProgram))
    .find((name) => isProgram(name) && !isLauncher(name));
  if (!file) return { problem: "not on PATH" };
  const version = await versionOf(file, env, memory);
  if (!/^v?\d/.test(version)) return { problem: `${file} on PATH does not tell its version: ${version}` };
  if (!isNewEnough(version)) return { problem: `${file} on PATH is ${version}, older than ${minimumVersion}` };
  const places = [...folders, path.dirname(fs.realpathSync(file))];
  const missing = requiredPrograms.find((name) => !places.some((folder) => isProgram(path.join(folder, name))));
  if (missing) return { problem: `${file} on PATH comes without ${missing}` };
  return { version, file };
}

/**
 * PATH with npm's launcher folders moved to its end, so that `pulumi` is the CLI itself.
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
 * @param {string} memory
 */
async function versionOf(file, env, memory) {
  const real = fs.realpathSync(file);
  const { size, mtimeMs } = fs.statSync(real);
  const key = `${real} ${size} ${mtimeMs}`;
  try {
    const [rememberedKey, remembered] = fs.readFileSync(memory, "utf8").split("\n");
    if (rememberedKey === key && remembered) return remembered;
  } catch {
    // Nothing is remembered yet.
  }
  const ending = await runChild(file, ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    limitSeconds: LIMIT_SECONDS,
  });
  if (!ending.ok) return whyItFailed(ending);
  const version = ending.stdout.trim().replace(/^v/, "");
  fs.mkdirSync(path.dirname(memory), { recursive: true });
  fs.writeFileSync(memory, `${key}\n${version}\n`);
  return version;
}
