import type { RouterConnection } from "../../../core/connection";
import { type OperationContext, operationContext } from "../../../core/context";
import { dial } from "../../../ssh/dial";
import { SshFailure } from "../../../ssh/target";
import type { RemoteTerminal } from "../../../ssh/terminal/terminal";
import { loginError } from "../../guard/session/connect";
import { routerObject, sshTarget } from "../../guard/session/ssh-target";
import type { PlatformContext } from "../../platform";
import { type CommandLine, CommandRefused, refusedError } from "./command-line";

/** Time limit for connecting and logging in, in seconds. */
const DIAL_LIMIT_SECONDS = 20;

/** Logs in once more within a time limit in seconds, to prove that a new login works; then works and logs out. */
export type WithNewLogin<Session> = <T>(
  limitSeconds: number,
  work: (session: Session) => Promise<T>,
  options?: { evenIfCancelled: boolean },
) => Promise<T>;

/** How to open the command line of one kind of router. */
export interface Opening<Session> {
  /** Lines that are no part of any answer, such as those of a log. */
  noise?: RegExp;
  /** Opens a session on a terminal of a router. `another` opens a further terminal on the same connection. */
  open(terminal: RemoteTerminal, context: OperationContext, another: () => Promise<RemoteTerminal>): Promise<Session>;
}

/**
 * Logs in to the router, does the work and logs out. `prepare` resolves what every login needs.
 * @throws SafeguardError SG3001 to SG3016 when no login is possible, SG3019 for a refused command; errors of `work`; the abort
 * reason on cancel
 */
export async function withCommandLine<Session extends CommandLine, T>(
  router: RouterConnection,
  context: PlatformContext,
  prepare: (object: string) => Promise<Opening<Session>>,
  work: (session: Session, withNewLogin: WithNewLogin<Session>) => Promise<T>,
  dialLimitSeconds = DIAL_LIMIT_SECONDS,
): Promise<T> {
  const object = routerObject(router);
  return await context.exclusively(async () => {
    const target = await sshTarget(router);
    const { noise, open } = await prepare(object);
    const explain = (error: unknown): never => {
      throw error instanceof SshFailure ? loginError(router, error) : error;
    };
    const logIn = async <R>(
      limit: number,
      isProof: boolean,
      { signal, log }: OperationContext,
      task: (session: Session) => Promise<R>,
    ): Promise<R> => {
      const connection = await dial({ ...target, dialLimitSeconds: limit }, signal, { isProof }).catch(explain);
      try {
        const another = async () => await connection.openTerminal(noise).catch(explain);
        return await task(await open(await another(), operationContext({ ...context, signal, log }), another));
      } finally {
        connection.close();
      }
    };
    context.log.status(`${object}: logging in`);
    const working = logIn(dialLimitSeconds, false, context, (session) =>
      work(session, (limit, task, { evenIfCancelled } = { evenIfCancelled: false }) => {
        const signal = evenIfCancelled ? new AbortController().signal : context.signal;
        return logIn(limit, true, { ...context, signal }, task);
      }),
    );
    return await working.catch((error: unknown) => {
      throw error instanceof CommandRefused ? refusedError(error, object) : error;
    });
  });
}
