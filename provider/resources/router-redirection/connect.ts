import type { RouterConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { resolveCredential } from "../../core/credential";
import type { SafeguardError } from "../../core/errors";
import { exclusively } from "../../core/lock";
import type { Known } from "../../core/unknown";
import { routerError } from "../../router/failures";
import { ROOT_SHELL } from "../../router/linux/opening-script";
import { dial } from "../../ssh/dial";
import { hostKeyLine } from "../../ssh/host-key";
import { SshFailure, type SshTarget } from "../../ssh/target";
import { LinuxSession, type NewShell } from "./linux-session";

/** Limit for reaching a router and logging in, in seconds. */
const DIAL_LIMIT_SECONDS = 20;

/** The router in messages: `router 10.0.0.1`, with the port where it is not 22. */
export function routerObject(router: Known<RouterConnection>): string {
  return `router ${router.address}${router.port === 22 ? "" : `:${router.port}`}`;
}

/**
 * Logs in to the router once, does the work there and logs out. Work on one router is done one after the other, in
 * this process and, by a lock on the router, in all others.
 * @throws SafeguardError SG3001 to SG3010 when there is no way in; whatever `work` throws; on cancel the abort reason.
 */
export async function onRouter<T>(
  router: Known<RouterConnection>,
  context: OperationContext,
  work: (session: LinuxSession) => Promise<T>,
): Promise<T> {
  const object = routerObject(router);
  return await exclusively(`router ${router.address}:${router.port}`, async () => {
    const target: Omit<SshTarget, "dialLimitSeconds"> = {
      address: router.address,
      port: router.port,
      username: router.username,
      password: router.password === undefined ? undefined : await resolveCredential(object, router.password),
      privateKey: router.privateKey === undefined ? undefined : await resolveCredential(object, router.privateKey),
      hostKey: router.hostKey,
      insecureSkipVerify: router.insecureSkipVerify,
    };
    const newShell: NewShell = (dialLimitSeconds) => logIn({ ...target, dialLimitSeconds }, object, context, true);
    context.log.status(`${object}: logging in`);
    const { shell, close } = await logIn({ ...target, dialLimitSeconds: DIAL_LIMIT_SECONDS }, object, context);
    const session = LinuxSession.open(shell, object, context, newShell);
    try {
      return await work(session);
    } finally {
      session.close();
      close();
    }
  });
}

/** Logs in and starts the root shell; a login that confirms changes is urgent, because the router does not wait for long. */
async function logIn(target: SshTarget, object: string, context: OperationContext, isUrgent = false) {
  const explain = (error: unknown): never => {
    throw error instanceof SshFailure ? loginError(object, error) : error;
  };
  const connection = await dial(target, context.signal, { firstCommand: ROOT_SHELL, isUrgent }).catch(explain);
  const shell = await connection.openShell(ROOT_SHELL).catch((error: unknown) => {
    connection.close();
    return explain(error);
  });
  return { shell, close: () => connection.close() };
}

function loginError(object: string, failure: SshFailure): SafeguardError {
  const step = "log in over SSH";
  const options = { cause: failure };
  const presented = failure.presented ? hostKeyLine(failure.presented) : undefined;
  switch (failure.kind) {
    case "unknown-host-key": {
      const cause = `its host key is not known; it presents ${presented}`;
      return routerError("unknownHostKey", { object, step, cause }, options);
    }
    case "wrong-host-key": {
      const cause = presented ? `its host key is not router.hostKey; it presents ${presented}` : failure.message;
      return routerError("wrongHostKey", { object, step, cause }, options);
    }
    case "revoked-host-key":
      return routerError("revokedHostKey", { object, step, cause: `${failure.message}: ${presented}` }, options);
    case "unusable-agent":
      return routerError("unusableAgent", { object, step, cause: failure.message }, options);
    case "forwarding-refused":
      return routerError("forwardingRefused", { object, step, cause: failure.message }, options);
    case "login-refused":
      return routerError("loginRefused", { object, step, cause: failure.message }, options);
    case "unusable-private-key":
      return routerError("unusablePrivateKey", { object, step, cause: "the private key cannot be used" }, options);
    case "connection-lost":
      return routerError("connectionLost", { object, step, cause: failure.message }, options);
    case "unreachable":
      return routerError("unreachable", { object, step, cause: failure.message }, options);
  }
}
