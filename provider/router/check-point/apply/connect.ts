import type { RouterConnection } from "../../../core/connection";
import type { PlatformContext } from "../../platform";
import { type Opening, type WithNewLogin, withCommandLine } from "../../terminal/session/connect";
import { ClishSession } from "./clish-session";

/** Logs in to the router, does the work and logs out. Throws as `withCommandLine`. */
export async function withClish<T>(
  router: RouterConnection,
  context: PlatformContext,
  work: (session: ClishSession, withNewLogin: WithNewLogin<ClishSession>) => Promise<T>,
  dialLimitSeconds?: number,
): Promise<T> {
  const prepare = async (object: string): Promise<Opening<ClishSession>> => ({
    open: (terminal, one) => ClishSession.open(terminal, object, one),
  });
  return await withCommandLine(router, context, prepare, work, dialLimitSeconds);
}
