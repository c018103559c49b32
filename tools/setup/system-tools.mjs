import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { aptCommand, aptInstall } from "./apt.mjs";
import { duration } from "./output.mjs";

/**
 * The programs that the lab's network needs, with their Debian packages.
 *
 * @type {Record<string, string>}
 */
export const packageOfTool = JSON.parse(
  fs.readFileSync(new URL("../../lab/network/debian-packages.json", import.meta.url), "utf8"),
);

/**
 * Programs that only tests run, with their Debian packages: a small router, a browser with a font, shells that complete
 * words, and a database of rollouts. `npm test` installs them where that is allowed; without them, the tests that need them
 * report what is missing.
 *
 * @type {Record<string, string>}
 */
export const packageOfTestTool = {
  busybox: "busybox",
  chromium: "chromium fonts-dejavu-core",
  fish: "fish",
  zsh: "zsh",
  // The server itself is in a folder of its version; this is in the package that every version depends on.
  pg_ctlcluster: "postgresql",
};

const allPackages = { ...packageOfTool, ...packageOfTestTool };

/** Folders of administration programs, which are not on every user's PATH. */
export const administrationFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/**
 * What to do about system tools: nothing, install packages, or explain why the lab has no network.
 *
 * @typedef {{kind: "nothing"} | {kind: "install", packages: string[]} | {kind: "explain", text: string}} ToolPlan
 */

/**
 * Decides what to do; changes nothing.
 *
 * @param {{platform: NodeJS.Platform, isRoot: boolean, hasApt: boolean, missing: string[], missingForTests?: string[]}} machine
 * @returns {ToolPlan}
 */
export function planSystemTools({ platform, isRoot, hasApt, missing, missingForTests = [] }) {
  if (platform !== "linux")
    return {
      kind: "explain",
      text: "the lab's router and network need Linux; only the simulated appliances run on this system",
    };
  const mayInstall = hasApt && isRoot;
  const wanted = mayInstall ? [...missing, ...missingForTests] : missing;
  if (wanted.length === 0) return { kind: "nothing" };
  const packages = [...new Set(wanted.flatMap((tool) => (allPackages[tool] ?? tool).split(" ")))];
  if (mayInstall) return { kind: "install", packages };
  const names = packages.join(" ");
  const remedy = hasApt ? `run: sudo ${aptCommand(packages)}` : `install: ${names}`;
  return { kind: "explain", text: `${missing.join(", ")} missing, so the lab has no network; ${remedy}` };
}

/**
 * Installs the missing programs of the lab's network, as root on a Debian-like machine; else explains what is missing.
 *
 * @param {import("./output.mjs").Output} output
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} withTestTools whether it installs those of the tests, too
 * @param {{folders: string[], isRoot: boolean}} [machine]
 * @returns {Promise<string>} why the lab's network cannot run here, in one line; empty when it can
 */
export async function ensureSystemTools(output, env, withTestTools, machine = thisMachine()) {
  const folders = [...(env.PATH ?? "").split(path.delimiter), ...machine.folders];
  const plan = planSystemTools({
    platform: os.platform(),
    isRoot: machine.isRoot,
    hasApt: isIn(folders, "apt-get"),
    missing: missingTools(packageOfTool, folders),
    missingForTests: withTestTools ? missingTools(packageOfTestTool, folders) : [],
  });
  if (plan.kind === "nothing") return "";
  const problem = plan.kind === "explain" ? plan.text : await install(plan.packages, output, env, folders);
  if (problem) output.say("system tools", problem);
  const isWithoutNetwork = plan.kind === "explain" || missingTools(packageOfTool, folders).length > 0;
  return isWithoutNetwork ? problem : "";
}

/** The folders of programs besides PATH, and whether this process may install packages. */
export function thisMachine() {
  return { folders: administrationFolders, isRoot: process.getuid?.() === 0 };
}

/**
 * @param {Record<string, string>} tools
 * @param {string[]} folders
 */
function missingTools(tools, folders) {
  return Object.keys(tools).filter((tool) => !isIn(folders, tool));
}

/**
 * @param {string[]} packages
 * @param {import("./output.mjs").Output} output
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} folders
 */
async function install(packages, output, env, folders) {
  const start = Date.now();
  output.say("system tools", `running ${aptCommand(packages)} (starts no service)`);
  const problem = await aptInstall(packages, env);
  if (problem) return `${problem}; install them by hand`;
  const wanted = packages.join(" ");
  const missing = missingTools(allPackages, folders).filter((tool) => wanted.includes(allPackages[tool] ?? tool));
  if (missing.length > 0)
    return `${missing.join(", ")} still missing after apt-get install ${packages.join(" ")}; install them by hand`;
  output.say("system tools", `installed in ${duration(Date.now() - start)}`);
  return "";
}

/**
 * Whether one of the folders holds a program.
 *
 * @param {string[]} folders
 * @param {string} tool
 */
export function isIn(folders, tool) {
  return folders.some((folder) => {
    try {
      fs.accessSync(path.join(folder, tool), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
