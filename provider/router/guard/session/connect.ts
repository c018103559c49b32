import type { RouterConnection } from "../../../core/connection";
import type { OperationContext } from "../../../core/context";
import { type ErrorCode, SafeguardError } from "../../../core/errors";
import { dial } from "../../../ssh/dial";
import { SshFailure, type SshFailureKind, type SshTarget } from "../../../ssh/target";
import type { PlatformContext } from "../../platform";
import { ROOT_SHELL } from "../scripts/opening-script";
import { type NewLogin, type NewShell, ShellSession } from "./shell-session";
import { jumpHostObject, routerObject, sshTarget } from "./ssh-target";

/** Time limit for connecting and logging in, in seconds. */
const DIAL_LIMIT_SECONDS = 20;

const CODES: Record<SshFailureKind, ErrorCode> = {
  unreachable: "SG3001",
  "no-common-algorithm": "SG3016",
  "unknown-host-key": "SG3002",
  "wrong-host-key": "SG3003",
  "revoked-host-key": "SG3011",
  "login-refused": "SG3004",
  "unusable-private-key": "SG3005",
  "unusable-agent": "SG3012",
  "forwarding-refused": "SG3013",
  "connection-lost": "SG3007",
};

/**
 * Logs in to the router once, does the work and logs out. A lock on the router blocks other processes meanwhile.
 * @throws SafeguardError SG3001 to SG3016 when no login is possible; errors of `work`; the abort reason on cancel
 */
export async function withSession<T>(
  router: RouterConnection,
  context: PlatformContext,
  work: (session: ShellSession) => Promise<T>,
  dialLimitSeconds = DIAL_LIMIT_SECONDS,
): Promise<T> {
  const object = routerObject(router);
  return await context.exclusively(async () => {
    const target = await sshTarget(router);
    const newShell: NewShell = (limit) => logIn({ ...target, dialLimitSeconds: limit }, router, context, true);
    context.log.status(`${object}: logging in`);
    const { shell, close } = await logIn({ ...target, dialLimitSeconds }, router, context);
    const session = ShellSession.open(shell, object, context, newShell);
    try {
      return await work(session);
    } finally {
      session.close();
      close();
    }
  });
}

/** Logs in and starts the root shell. `isProof` bypasses all caches, to prove that a new login works. */
async function logIn(
  target: SshTarget,
  router: RouterConnection,
  context: OperationContext,
  isProof = false,
): Promise<NewLogin> {
  const explain = (error: unknown): never => {
    throw error instanceof SshFailure ? loginError(router, error) : error;
  };
  const connection = await dial(target, context.signal, { firstCommand: ROOT_SHELL, isProof }).catch(explain);
  const shell = await connection.openShell(ROOT_SHELL).catch((error: unknown) => {
    connection.close();
    return explain(error);
  });
  return { shell, close: () => connection.close() };
}

/** The error for a failed connection to the router or its jump host. */
export function loginError(router: RouterConnection, failure: SshFailure): SafeguardError {
  const { kind, message, presented, isOfJumpHost } = failure;
  const cause = presented === undefined ? message : `${message}; it presents ${presented}`;
  const object = isOfJumpHost ? jumpHostObject(router) : routerObject(router);
  return new SafeguardError({ code: CODES[kind], object, step: "log in over SSH", cause }, { cause: failure });
}
