import { readFile } from "node:fs/promises";
import type { RouterConnection } from "../../core/connection";
import { resolveCredential } from "../../core/credential";
import { messageOf } from "../../core/errors";
import type { Known } from "../../core/unknown";
import { routerError } from "../../router/failures";
import type { SshServerLogin, SshTarget } from "../../ssh/target";

/** Whom to log in to, but for the time that may take. */
export type Target = Omit<SshTarget, "dialLimitSeconds">;

/** The router in messages: `router 10.0.0.1`, with the port where it is not 22. */
export function routerObject(router: Known<RouterConnection>): string {
  return `router ${router.address}${router.port === 22 ? "" : `:${router.port}`}`;
}

/**
 * A connection with everything it refers to at hand.
 * @throws SafeguardError SG1001 when a reference leads nowhere, SG3014 when the known hosts cannot be read.
 */
export async function sshTarget(router: Known<RouterConnection>): Promise<Target> {
  return await serverLogin(router, routerObject(router));
}

async function serverLogin(server: Known<RouterConnection>, object: string): Promise<SshServerLogin> {
  const { password, privateKey, knownHosts, ...rest } = server;
  return {
    ...rest,
    ...(password !== undefined && { password: await resolveCredential(object, password) }),
    ...(privateKey !== undefined && { privateKey: await resolveCredential(object, privateKey) }),
    ...(knownHosts !== undefined && { knownHosts: await knownHostsText(object, knownHosts) }),
  };
}

async function knownHostsText(object: string, given: string | { file: string }): Promise<string> {
  if (typeof given === "string") return given;
  return await readFile(given.file, "utf8").catch((error: unknown) => {
    const cause = `file ${given.file} cannot be read (${messageOf(error)})`;
    throw routerError("unreadableKnownHosts", { object, step: "read the known hosts", cause }, { cause: error });
  });
}
