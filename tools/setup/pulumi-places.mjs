import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** The oldest Pulumi CLI that this project was tested with. Older ones are not used. */
export const minimumVersion = "3.259.0";

const suffix = process.platform === "win32" ? ".exe" : "";

/** The CLI's program. */
export const cliProgram = `pulumi${suffix}`;

/** The programs that a CLI needs in its folder to run Node programs. */
export const requiredPrograms = [cliProgram, `pulumi-language-nodejs${suffix}`];

/**
 * The folder that holds CLIs by version. The npm package `pulumi` and the Automation API use the same one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function versionsFolder(env) {
  const home = env.PULUMI_HOME || path.join(env.HOME || os.homedir(), ".pulumi");
  return path.join(home, "versions");
}

/**
 * The folder of the programs of a stored CLI.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} version
 * @returns {string}
 */
export function programFolder(env, version) {
  return path.join(versionsFolder(env), version, "bin");
}

/**
 * Whether a folder holds all programs of a CLI.
 *
 * @param {string} folder
 * @returns {boolean}
 */
export function isComplete(folder) {
  return requiredPrograms.every((name) => isProgram(path.join(folder, name)));
}

/**
 * Whether a file exists, is not empty and can be executed.
 *
 * @param {string} file
 * @returns {boolean}
 */
export function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    const stat = fs.statSync(file);
    return stat.isFile() && stat.size > 0;
  } catch {
    return false;
  }
}

/**
 * Whether a version is `minimumVersion` or newer.
 *
 * @param {string} version such as `3.259.0` or `v3.260.0-alpha.1`
 * @returns {boolean} false for any other text
 */
export function isNewEnough(version) {
  const number = version.replace(/^v/, "");
  return /^\d+\.\d+\.\d+/.test(number) && number.localeCompare(minimumVersion, "en", { numeric: true }) >= 0;
}

/**
 * The complete and new enough version in the versions folder: the preferred one, else the newest.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} preferred
 * @returns {string | undefined}
 */
export function storedVersion(env, preferred) {
  /** @type {string[]} */
  let names = [];
  try {
    names = fs.readdirSync(versionsFolder(env));
  } catch {
    return undefined;
  }
  const usable = names
    .filter((name) => /^\d/.test(name) && isNewEnough(name) && isComplete(programFolder(env, name)))
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return usable.includes(preferred) ? preferred : usable[0];
}
