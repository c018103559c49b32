import fs from "node:fs";
import path from "node:path";
import { runChild, whyItFailed } from "./child.mjs";
import { isComplete, isNewEnough, programFolder, versionsFolder } from "./pulumi-places.mjs";

/**
 * Time limits: the installer that the package fetches first speaks on standard output, so the first limit covers a network
 * that swallows packets; the second covers a slow one.
 *
 * @type {{firstAnswer: {stream: "stdout", limitSeconds: number}, limitSeconds: number}}
 */
export const downloadLimits = { firstAnswer: { stream: "stdout", limitSeconds: 20 }, limitSeconds: 300 };

/**
 * The version that the npm package `pulumi` is to fetch: PULUMI_VERSION where that is new enough, else its own.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
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
 * Lets the npm package `pulumi` fetch the official CLI with its language hosts. It works in a folder of its own, and the
 * result takes its place in one rename, so a fetch that is cut short leaves nothing behind.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {string} version
 * @param {typeof downloadLimits} [limits]
 * @returns {Promise<string>} why it failed, in a few words; empty when the CLI is in place
 */
export async function fetchWithNpmPackage(root, env, version, limits = downloadLimits) {
  const launcher = path.join(packageFolder(root), "run.js");
  if (!version || !fs.existsSync(launcher)) return "the npm package is not installed";
  const versions = versionsFolder(env);
  fs.mkdirSync(versions, { recursive: true });
  const home = fs.mkdtempSync(path.join(versions, ".fetching-"));
  try {
    const own = { ...env, PULUMI_HOME: home, PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const ending = await runChild(process.execPath, [launcher, "version"], { env: own, ...limits });
    if (!ending.ok) return whyItFailed(ending).replace(/^pulumi: /, "");
    if (!isComplete(programFolder(own, version))) return "what it fetched lacks programs";
    const place = path.join(versions, version);
    if (fs.existsSync(place)) return `${place} is there but incomplete; remove it`;
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
