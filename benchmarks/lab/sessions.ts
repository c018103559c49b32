import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";

const END = "END-OF-SESSIONS-SCRIPT";

/**
 * Runs a script on a lab router in the mount namespace of its SSH sessions: the script sees their mounts, and they see its
 * mounts until the SSH server restarts. Needs no login.
 */
export async function inSessions(router: LabRouter, script: string): Promise<string> {
  return await router.run(`nsenter --mount --target "$(cat /run/sshd.pid)" sh -s <<'${END}'\n${script}\n${END}`);
}

/**
 * Installs a stand-in for ifupdown on a lab router, so that redirections can persist. It is in the router's own `/etc` and
 * in a folder that its SSH sessions see. May be called again.
 */
export async function provideIfupdown(router: LabRouter): Promise<void> {
  await inSessions(
    router,
    `[ -e /usr/local/sbin/ifup ] && exit 0
mount -t tmpfs tmpfs /usr/local/sbin
mkdir -p /etc/network/if-up.d && ln -s /bin/true /usr/local/sbin/ifup`,
  );
}
