import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { runChild, whyItFailed } from "./child.mjs";
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
 * Programs that only tests run on the lab's router. Installed where that is allowed; the lab works without them, and the
 * tests report what is missing.
 *
 * @type {Record<string, string>}
 */
export const packageOfTestTool = { busybox: "busybox" };

const allPackages = { ...packageOfTool, ...packageOfTestTool };

/** Folders of administration programs, which are not on every user's PATH. */
export const administrationFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin"];
const LIMIT_SECONDS = 600;

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
  const packages = [...new Set(wanted.map((tool) => allPackages[tool] ?? tool))];
  if (mayInstall) return { kind: "install", packages };
  const names = packages.join(" ");
  const remedy = hasApt ? `run: sudo apt-get install -y --no-install-recommends ${names}` : `install: ${names}`;
  return { kind: "explain", text: `${missing.join(", ")} missing, so the lab has no network; ${remedy}` };
}

/**
 * Installs the missing programs of the lab's network, as root on a Debian-like machine; else explains what is missing.
 *
 * @param {import("./output.mjs").Output} output
 * @param {NodeJS.ProcessEnv} env
 * @param {{folders: string[], isRoot: boolean}} [machine]
 * @returns {Promise<string>} why the lab's network cannot run here, in one line; empty when it can
 */
export async function ensureSystemTools(output, env, machine = thisMachine()) {
  const folders = [...(env.PATH ?? "").split(path.delimiter), ...machine.folders];
  const plan = planSystemTools({
    platform: os.platform(),
    isRoot: machine.isRoot,
    hasApt: isIn(folders, "apt-get"),
    missing: missingTools(packageOfTool, folders),
    missingForTests: missingTools(packageOfTestTool, folders),
  });
  if (plan.kind === "nothing") return "";
  const problem = plan.kind === "explain" ? plan.text : await install(plan.packages, output, env, folders);
  if (problem) output.say("system tools", problem);
  const isWithoutNetwork = plan.kind === "explain" || missingTools(packageOfTool, folders).length > 0;
  return isWithoutNetwork ? problem : "";
}

function thisMachine() {
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
  const names = packages.join(" ");
  const start = Date.now();
  output.say("system tools", `running apt-get install -y --no-install-recommends ${names} (starts no service)`);
  const quiet = {
    ...env,
    DEBIAN_FRONTEND: "noninteractive",
    // openssh-server would start its service: the first variable prevents that with SysV init, the second with systemd.
    RUNLEVEL: "1",
    SYSTEMD_OFFLINE: "1",
  };
  const steps = [["update"], ["install", "-y", "--no-install-recommends", ...packages]];
  for (const args of steps) {
    const ending = await runChild("apt-get", args, { env: quiet, limitSeconds: LIMIT_SECONDS });
    const last = args === steps.at(-1);
    // An update may fail for one of many package sources; the installation shows whether that matters.
    if (!ending.ok && last) return `apt-get install ${names}: ${whyItFailed(ending)}; install them by hand`;
  }
  const missing = missingTools(allPackages, folders);
  if (missing.length > 0)
    return `${missing.join(", ")} still missing after apt-get install ${names}; install them by hand`;
  output.say("system tools", `installed in ${duration(Date.now() - start)}`);
  return "";
}

/**
 * @param {string[]} folders
 * @param {string} tool
 */
function isIn(folders, tool) {
  return folders.some((folder) => {
    try {
      fs.accessSync(path.join(folder, tool), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
