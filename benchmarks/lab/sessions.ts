import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";

const END = "END-OF-SESSIONS-SCRIPT";

/**
 * Runs a script on a lab router where the sessions of its SSH server run: what they have mounted is there, and what it
 * mounts is there for them, until that server is started anew. Needs no login.
 */
export async function inSessions(router: LabRouter, script: string): Promise<string> {
  return await router.run(`nsenter --mount --target "$(cat /run/sshd.pid)" sh -s <<'${END}'\n${script}\n${END}`);
}

/**
 * Gives a lab router what looks like ifupdown, so that redirections can be kept over its restarts. It lies in the
 * router's own `/etc`, and in a folder that the sessions of its SSH server see. May be called again.
 */
export async function provideIfupdown(router: LabRouter): Promise<void> {
  await inSessions(
    router,
    `[ -e /usr/local/sbin/ifup ] && exit 0
mount -t tmpfs tmpfs /usr/local/sbin
mkdir -p /etc/network/if-up.d && ln -s /bin/true /usr/local/sbin/ifup`,
  );
}
