import type { CheckPointConnection } from "../../../core/connection";
import { resolveCredential } from "../../../core/credential";
import type { PlatformContext } from "../../platform";
import { type Opening, type WithNewLogin, withCommandLine } from "../../terminal/session/connect";
import { ClishSession, type OpenShell } from "./clish-session";
import { ExpertShell } from "./expert-shell";

/** Logs in to the router, does the work and logs out. Throws as `withCommandLine`. */
export async function withClish<T>(
  router: CheckPointConnection,
  context: PlatformContext,
  work: (session: ClishSession, withNewLogin: WithNewLogin<ClishSession>) => Promise<T>,
  dialLimitSeconds?: number,
): Promise<T> {
  const prepare = async (object: string): Promise<Opening<ClishSession>> => {
    const expertPassword = await resolveCredential(object, router, "expertPassword");
    return {
      open(terminal, one, another) {
        const openShell: OpenShell = async (isClishLogin) =>
          isClishLogin && expertPassword === undefined
            ? { reason: "the login shell is Clish, and no router.expertPassword is set" }
            : await ExpertShell.open(await another(), object, expertPassword, one);
        return ClishSession.open(terminal, object, one, openShell);
      },
    };
  };
  return await withCommandLine(router, context, prepare, work, dialLimitSeconds);
}
