import fs from "node:fs";
import path from "node:path";
import { runChild, whyItFailed } from "./child.mjs";
import { isComplete, isNewEnough, programFolder, versionsFolder } from "./pulumi-places.mjs";

/**
 * Time limits. The package downloads an installer first, which then prints to standard output: the first limit is for a
 * network that drops packets, the second for a slow one.
 *
 * @type {{firstAnswer: {stream: "stdout", limitSeconds: number}, limitSeconds: number}}
 */
export const downloadLimits = { firstAnswer: { stream: "stdout", limitSeconds: 20 }, limitSeconds: 300 };

/**
 * The version to download with the npm package `pulumi`: PULUMI_VERSION when new enough, else the package's own.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} empty when the package is not installed
 */
export function npmPackageVersion(root, env) {
  if (env.PULUMI_VERSION && isNewEnough(env.PULUMI_VERSION)) return env.PULUMI_VERSION;
  try {
    return JSON.parse(fs.readFileSync(path.join(packageFolder(root), "package.json"), "utf8")).version;
  } catch {
    return "";
  }
}

/**
 * Downloads the official CLI and its language hosts with the npm package `pulumi`. Works in a temporary folder and ends
 * with one rename, so that an interrupted download leaves nothing behind.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {string} version
 * @param {typeof downloadLimits} [limits]
 * @returns {Promise<string>} why it failed, in a few words; empty on success
 */
export async function downloadWithNpmPackage(root, env, version, limits = downloadLimits) {
  const launcher = path.join(packageFolder(root), "run.js");
  if (!version || !fs.existsSync(launcher)) return "the npm package is not installed";
  const versions = versionsFolder(env);
  fs.mkdirSync(versions, { recursive: true });
  const home = fs.mkdtempSync(path.join(versions, ".downloading-"));
  try {
    const downloadEnv = { ...env, PULUMI_HOME: home, PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const ending = await runChild(process.execPath, [launcher, "version"], { env: downloadEnv, ...limits });
    if (!ending.ok) return whyItFailed(ending).replace(/^pulumi: /, "");
    if (!isComplete(programFolder(downloadEnv, version))) return "the download is incomplete";
    const place = path.join(versions, version);
    if (fs.existsSync(place)) return `${place} is incomplete; remove it`;
    fs.renameSync(path.join(home, "versions", version), place);
    return "";
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/** @param {string} root */
function packageFolder(root) {
  return path.join(root, "node_modules", "pulumi");
}
