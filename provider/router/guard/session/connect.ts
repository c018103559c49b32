import type { RouterConnection } from "../../../core/connection";
import type { OperationContext } from "../../../core/context";
import { exclusively } from "../../../core/lock";
import type { Known } from "../../../core/unknown";
import { dial } from "../../../ssh/dial";
import { SshFailure, type SshTarget } from "../../../ssh/target";
import { LinuxSession, type NewLogin, type NewShell } from "../../linux/apply/linux-session";
import { ROOT_SHELL } from "../scripts/opening-script";
import { loginError } from "./login-error";
import { routerIdentity, routerObject, sshTarget } from "./ssh-target";

/** Limit for reaching a router and logging in, in seconds. */
const DIAL_LIMIT_SECONDS = 20;

/**
 * Logs in to the router once, does the work there and logs out. Work on one router is done one after the other, in
 * this process and, by a lock on the router, in all others.
 * @throws SafeguardError SG3001 to SG3014 when there is no way in; whatever `work` throws; on cancel the abort reason.
 */
export async function onRouter<T>(
  router: Known<RouterConnection>,
  context: OperationContext,
  work: (session: LinuxSession) => Promise<T>,
): Promise<T> {
  const object = routerObject(router);
  return await exclusively(`router ${routerIdentity(router)}`, async () => {
    const target = await sshTarget(router);
    const newShell: NewShell = (dialLimitSeconds) => logIn({ ...target, dialLimitSeconds }, router, context, true);
    context.log.status(`${object}: logging in`);
    const { shell, close } = await logIn({ ...target, dialLimitSeconds: DIAL_LIMIT_SECONDS }, router, context);
    const session = LinuxSession.open(shell, object, context, newShell);
    try {
      return await work(session);
    } finally {
      session.close();
      close();
    }
  });
}

/** Logs in and starts the root shell; one that confirms changes has to prove that a login works. */
async function logIn(
  target: SshTarget,
  router: Known<RouterConnection>,
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
