import { readFile } from "node:fs/promises";
import type { JumpHostConnection, RouterConnection } from "../../../core/connection";
import { resolveCredential } from "../../../core/credential";
import { messageOf, SafeguardError } from "../../../core/errors";
import { filePath } from "../../../core/file-path";
import type { SshServerLogin, SshTarget } from "../../../ssh/target";
import type { RouterIdentity } from "../../platform";

/** The parameters of a login without its time limit. */
export type Target = Omit<SshTarget, "dialLimitSeconds">;

/** The router in messages: `router 10.0.0.1`, with the port unless it is 22. */
export function routerObject(router: RouterConnection): string {
  return `router ${named(router)}`;
}

/** The jump host in messages: `jump host 10.0.0.9 of router 10.0.0.1`; without a jump host, the router itself. */
export function jumpHostObject(router: RouterConnection): string {
  const object = routerObject(router);
  return router.jumpHost ? `jump host ${named(router.jumpHost)} of ${object}` : object;
}

/** The key includes the jump host, because the same address may be a different router behind another one. */
export function routerIdentity(router: RouterConnection): RouterIdentity {
  const { jumpHost } = router;
  const address = `${router.address}:${router.port}`;
  const key = `${address}${jumpHost ? ` by ${jumpHost.address}:${jumpHost.port}` : ""}`;
  return { object: routerObject(router), address, key };
}

/** Whether two connections lead to the same router: same addresses or same host key. */
export function isSameSshRouter(left: RouterConnection, right: RouterConnection): boolean {
  if (routerIdentity(left).key === routerIdentity(right).key) return true;
  return left.hostKey !== undefined && left.hostKey === right.hostKey;
}

/**
 * Resolves all references of a connection.
 * @throws SafeguardError SG1001 when a reference cannot be resolved, SG3012 when there is no agent, SG3014 when the
 * known hosts cannot be read
 */
export async function sshTarget(router: RouterConnection): Promise<Target> {
  const { jumpHost, ...server } = router;
  return {
    ...(await serverLogin(server, routerObject(router))),
    ...(jumpHost && { jumpHost: await serverLogin(jumpHost, jumpHostObject(router)) }),
  };
}

async function serverLogin(server: JumpHostConnection, object: string): Promise<SshServerLogin> {
  const { address, port, username, hostKey, insecureSkipVerify } = server;
  const login = {
    password: await resolveCredential(object, server, "password"),
    privateKey: await resolveCredential(object, server, "privateKey"),
    passphrase: await resolveCredential(object, server, "passphrase"),
    agentSocket: server.agent ? agentSocket(object, server.agentSocket) : undefined,
    agentKey: server.agentKey,
    hostKey,
    knownHosts: await knownHostsText(object, server),
  };
  const given = Object.entries(login).filter(([, value]) => value !== undefined);
  return { address, port, username, insecureSkipVerify, ...Object.fromEntries(given) };
}

function agentSocket(object: string, given: string | undefined): string {
  const socket = given ?? process.env.SSH_AUTH_SOCK;
  const fail = (cause: string) => new SafeguardError({ code: "SG3012", object, step: "ask the SSH agent", cause });
  if (!socket) throw fail("there is no SSH agent: environment variable SSH_AUTH_SOCK is not set");
  try {
    return filePath(socket);
  } catch (error) {
    throw fail(messageOf(error));
  }
}

async function knownHostsText(object: string, server: JumpHostConnection): Promise<string | undefined> {
  const { knownHosts, knownHostsFile } = server;
  if (knownHostsFile === undefined) return knownHosts;
  const content = async () => readFile(filePath(knownHostsFile), "utf8");
  return await content().catch((error: unknown) => {
    const cause = `file ${knownHostsFile} cannot be read (${messageOf(error)})`;
    throw new SafeguardError({ code: "SG3014", object, step: "read the known hosts", cause }, { cause: error });
  });
}

function named({ address, port }: { address: string; port: number }): string {
  return `${address}${port === 22 ? "" : `:${port}`}`;
}
