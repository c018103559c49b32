import { runChild, whyItFailed } from "./child.mjs";

const LIMIT_SECONDS = 600;

/** The command line that installs Debian packages, for messages. @param {string[]} packages */
export const aptCommand = (packages) => `apt-get install -y --no-install-recommends ${packages.join(" ")}`;

/**
 * Installs Debian packages without questions and without starting a service.
 *
 * @param {string[]} packages
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} why it failed, in one line; empty on success
 */
export async function aptInstall(packages, env) {
  const quiet = {
    ...env,
    DEBIAN_FRONTEND: "noninteractive",
    // openssh-server would start its service: the first variable prevents that with SysV init, the second with systemd.
    RUNLEVEL: "1",
    SYSTEMD_OFFLINE: "1",
  };
  // An update may fail for one of many package sources; the installation shows whether that matters.
  await runChild("apt-get", ["update"], { env: quiet, limitSeconds: LIMIT_SECONDS });
  const [command = "", ...args] = aptCommand(packages).split(" ");
  const ending = await runChild(command, args, { env: quiet, limitSeconds: LIMIT_SECONDS });
  return ending.ok ? "" : `apt-get install ${packages.join(" ")}: ${whyItFailed(ending)}`;
}
