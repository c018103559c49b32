import type { CiscoRouterConnection } from "../../../core/connection";
import { resolveCredential } from "../../../core/credential";
import { dial } from "../../../ssh/dial";
import { SshFailure } from "../../../ssh/target";
import { loginError } from "../../guard/session/connect";
import { routerObject, sshTarget } from "../../guard/session/ssh-target";
import type { PlatformContext } from "../../platform";
import { IosSession, LOG_LINES } from "./ios-session";

/** Time limit for connecting and logging in, in seconds. */
const DIAL_LIMIT_SECONDS = 20;

/** Logs in once more within a time limit in seconds, to prove that a new login works; then works and logs out. */
export type WithNewLogin = <T>(limitSeconds: number, work: (session: IosSession) => Promise<T>) => Promise<T>;

/**
 * Logs in to the router, does the work and logs out.
 * @throws SafeguardError SG3001 to SG3016 when no login is possible; errors of `work`; the abort reason on cancel
 */
export async function withIosSession<T>(
  router: CiscoRouterConnection,
  context: PlatformContext,
  work: (session: IosSession, withNewLogin: WithNewLogin) => Promise<T>,
  dialLimitSeconds = DIAL_LIMIT_SECONDS,
): Promise<T> {
  const object = routerObject(router);
  return await context.exclusively(async () => {
    const target = await sshTarget(router);
    const enablePassword = await resolveCredential(object, router, "enablePassword");
    const logIn = async <R>(limit: number, isProof: boolean, task: (session: IosSession) => Promise<R>): Promise<R> => {
      const explain = (error: unknown): never => {
        throw error instanceof SshFailure ? loginError(router, error) : error;
      };
      const connection = await dial({ ...target, dialLimitSeconds: limit }, context.signal, { isProof }).catch(explain);
      try {
        const terminal = await connection.openTerminal(LOG_LINES).catch(explain);
        return await task(await IosSession.open(terminal, object, enablePassword, context));
      } finally {
        connection.close();
      }
    };
    context.log.status(`${object}: logging in`);
    return await logIn(dialLimitSeconds, false, (session) => work(session, (limit, task) => logIn(limit, true, task)));
  });
}
