import fs from "node:fs";
import path from "node:path";
import { runChild, whyItFailed } from "./child.mjs";
import { withLock } from "./lock.mjs";
import { duration, SetupError } from "./output.mjs";
import { checkoutLockLimitSeconds, setupLock } from "./paths.mjs";

const LIMIT_SECONDS = 900;

/**
 * One entry of a lock file's `packages`.
 *
 * @typedef {{version?: string, integrity?: string, optional?: boolean, link?: boolean}} LockedPackage
 */

/**
 * Runs `npm ci` when `node_modules` differs from `package-lock.json`, and makes the package resolve by its own name
 * everywhere in the checkout.
 *
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 * @throws {SetupError} when npm fails
 */
export async function ensureDependencies(root, output) {
  if (!areInstalled(root)) {
    const onWait = () => output.say("dependencies", "waiting for another set-up in this checkout");
    await withLock(setupLock(root), { limitSeconds: checkoutLockLimitSeconds, onWait }, async () => {
      if (!areInstalled(root)) await install(root, output);
    });
  }
  linkOwnName(root);
}

/**
 * Whether `node_modules` holds every package of `package-lock.json` in its version. Compares npm's own record of the last
 * finished installation, so an installation by hand counts too. Additional packages do not matter.
 *
 * @param {string} root
 * @returns {boolean}
 */
export function areInstalled(root) {
  const wanted = packagesOf(path.join(root, "package-lock.json"));
  const present = packagesOf(recordOf(root));
  if (!wanted) throw new SetupError("dependencies: package-lock.json is missing or not JSON; restore it from git");
  if (!present) return false;
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === "" || entry.link) return true;
    const installed = present[name];
    if (!installed) return entry.optional === true;
    return installed.version === entry.version && installed.integrity === entry.integrity;
  });
}

/**
 * Links `node_modules/<own name>` to the project, so that examples, and the processes that Pulumi starts in their folders,
 * load the package as its users do. Safe to repeat and to run concurrently.
 *
 * @param {string} root
 */
export function linkOwnName(root) {
  const { name } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const link = path.join(root, "node_modules", name);
  try {
    if (fs.realpathSync(link) === fs.realpathSync(root)) return;
  } catch {
    // Missing or broken: created below.
  }
  const temporary = `${link}.${process.pid}`;
  fs.rmSync(temporary, { force: true });
  fs.symlinkSync(process.platform === "win32" ? root : "..", temporary, "junction");
  fs.renameSync(temporary, link);
}

/**
 * @param {string} root
 * @param {import("./output.mjs").Output} output
 */
async function install(root, output) {
  const start = Date.now();
  output.say("dependencies", "running npm ci, because node_modules differs from package-lock.json");
  // An interrupted installation must not look finished.
  fs.rmSync(recordOf(root), { force: true });
  // No install script is needed: they compile optional parts of ssh2, for this Node version only, in half a minute.
  const [command, ...args] = npm("ci", "--ignore-scripts", "--no-progress", "--loglevel=error");
  const ending = await runChild(command, args, { cwd: root, limitSeconds: LIMIT_SECONDS });
  if (!ending.ok)
    throw new SetupError(`dependencies: npm ci: ${whyItFailed(ending)}; run npm ci to see its full output`);
  output.say("dependencies", `installed in ${duration(Date.now() - start)}`);
}

/**
 * The command line that runs npm: the npm that started this process, else the one on PATH.
 *
 * @param {...string} args
 * @returns {[string, ...string[]]}
 */
export function npm(...args) {
  const running = process.env.npm_execpath ?? "";
  return path.basename(running) === "npm-cli.js" ? [process.execPath, running, ...args] : ["npm", ...args];
}

/** @param {string} root */
function recordOf(root) {
  return path.join(root, "node_modules", ".package-lock.json");
}

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}
