import { readFile } from "node:fs/promises";
import type { JumpHostConnection, RouterConnection } from "../../core/connection";
import { resolveCredential } from "../../core/credential";
import { messageOf } from "../../core/errors";
import type { Known } from "../../core/unknown";
import { routerError } from "../../router/failures";
import type { SshServerLogin, SshTarget } from "../../ssh/target";

/** Whom to log in to, but for the time that may take. */
export type Target = Omit<SshTarget, "dialLimitSeconds">;

/** The router in messages: `router 10.0.0.1`, with the port where it is not 22. */
export function routerObject(router: Known<RouterConnection>): string {
  return `router ${named(router)}`;
}

/** The jump host in messages: `jump host 10.0.0.9 of router 10.0.0.1`; the router itself where there is none. */
export function jumpHostObject(router: Known<RouterConnection>): string {
  const object = routerObject(router);
  return router.jumpHost ? `jump host ${named(router.jumpHost)} of ${object}` : object;
}

/** What tells routers apart: one address may be another router behind another jump host. */
export function routerIdentity({ address, port, jumpHost }: Known<RouterConnection>): string {
  return `${address}:${port}${jumpHost ? ` by ${jumpHost.address}:${jumpHost.port}` : ""}`;
}

/**
 * A connection with everything it refers to at hand.
 * @throws SafeguardError SG1001 when a reference leads nowhere, SG3012 when there is no agent, SG3014 when the known
 * hosts cannot be read.
 */
export async function sshTarget(router: Known<RouterConnection>): Promise<Target> {
  const { jumpHost, ...server } = router;
  return {
    ...(await serverLogin(server, routerObject(router))),
    ...(jumpHost && { jumpHost: await serverLogin(jumpHost, jumpHostObject(router)) }),
  };
}

async function serverLogin(server: Known<JumpHostConnection>, object: string): Promise<SshServerLogin> {
  const { password, privateKey, passphrase, agent, knownHosts, ...rest } = server;
  return {
    ...rest,
    ...(password !== undefined && { password: await resolveCredential(object, password) }),
    ...(privateKey !== undefined && { privateKey: await resolveCredential(object, privateKey) }),
    ...(passphrase !== undefined && { passphrase: await resolveCredential(object, passphrase) }),
    ...(agent !== undefined && agent !== false && { agentSocket: agentSocket(object, agent) }),
    ...(knownHosts !== undefined && { knownHosts: await knownHostsText(object, knownHosts) }),
  };
}

function agentSocket(object: string, agent: string | true): string {
  const socket = agent === true ? process.env.SSH_AUTH_SOCK : agent;
  if (socket) return socket;
  const cause = "there is no SSH agent: environment variable SSH_AUTH_SOCK is not set";
  throw routerError("unusableAgent", { object, step: "ask the SSH agent", cause });
}

async function knownHostsText(object: string, given: string | { file: string }): Promise<string> {
  if (typeof given === "string") return given;
  return await readFile(given.file, "utf8").catch((error: unknown) => {
    const cause = `file ${given.file} cannot be read (${messageOf(error)})`;
    throw routerError("unreadableKnownHosts", { object, step: "read the known hosts", cause }, { cause: error });
  });
}

function named({ address, port }: { address: string; port: number }): string {
  return `${address}${port === 22 ? "" : `:${port}`}`;
}
