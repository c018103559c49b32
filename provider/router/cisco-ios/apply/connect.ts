import type { CiscoRouterConnection } from "../../../core/connection";
import { resolveCredential } from "../../../core/credential";
import type { PlatformContext } from "../../platform";
import { type Opening, type WithNewLogin, withCommandLine } from "../../terminal/session/connect";
import { IosSession, LOG_LINES } from "./ios-session";

/** Logs in to the router, does the work and logs out. Throws as `withCommandLine`. */
export async function withIosSession<T>(
  router: CiscoRouterConnection,
  context: PlatformContext,
  work: (session: IosSession, withNewLogin: WithNewLogin<IosSession>) => Promise<T>,
  dialLimitSeconds?: number,
): Promise<T> {
  const prepare = async (object: string): Promise<Opening<IosSession>> => {
    const enablePassword = await resolveCredential(object, router, "enablePassword");
    return { noise: LOG_LINES, open: (terminal, one) => IosSession.open(terminal, object, enablePassword, one) };
  };
  return await withCommandLine(router, context, prepare, work, dialLimitSeconds);
}
