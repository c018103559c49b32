import { messageOf, SafeguardError } from "../../../core/errors";
import type { PlatformContext } from "../../platform";
import type { WithNewLogin } from "../../terminal/session/connect";
import type { ChangeScope, PlanContext } from "../plan/decision";
import { planChanges } from "../plan/plan";
import type { ClishSession } from "./clish-session";
import { readIsSaved, readIsSavedIfShown } from "./router-state";

/** Time limit of a login that only saves, in seconds. */
const SAVE_LOGIN_SECONDS = 10;

const MAY_RETURN =
  "the saved configuration may still contain redirections that a restart brings back; enter `save config`, which also saves changes of others";

/** What decides whether a change is saved. */
interface Saving extends Pick<ChangeScope, "wanted" | "owned"> {
  /** Whether a restart would have loaded what is removed, and nothing else would be saved with the removal. */
  wasSaved: boolean;
}

/**
 * Saves the configuration where the program wants it, or where others have saved what is removed, last of all. A lost
 * session is replaced by a new one. Returns whether the saved configuration is in sync.
 * @throws SafeguardError SG3309 when the router does not save it, SG3018 when it does not report to this user whether it
 * is saved
 */
export async function saveIfWanted(
  session: ClishSession,
  withNewLogin: WithNewLogin<ClishSession>,
  plan: PlanContext,
  { wanted, owned, wasSaved }: Saving,
  context: PlatformContext,
): Promise<boolean> {
  const isRemoval = wanted.routes.length === 0;
  const { object, isOverridingLock } = plan;
  if (!(isRemoval ? owned.isPersistent || wasSaved : wanted.isPersistent)) {
    if (isRemoval && planChanges(plan).length > 0 && !(await readIsSavedIfShown(session).catch(() => false)))
      context.log.warn(`${object}: ${MAY_RETURN}`);
    return false;
  }
  const save = async (one: ClishSession, isOverriding: boolean): Promise<void> => {
    if (await readIsSaved(one)) return;
    await one.lock(isOverriding);
    await one.exec("save config", "save the configuration", { isLong: true });
    if (!(await readIsSaved(one))) throw new Error("`show config-state` does not report that it is saved");
    await one.unlock();
    context.log.info(`${object}: saved the configuration`);
  };
  const isLost = (error: unknown) => error instanceof SafeguardError && ["SG3007", "SG3008"].includes(error.code);
  try {
    await save(session, isOverridingLock).catch(async (error: unknown) => {
      if (!isLost(error)) throw error;
      // The lost session may still hold the lock.
      await withNewLogin(SAVE_LOGIN_SECONDS, (fresh) => save(fresh, true));
    });
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof SafeguardError && error.code === "SG3018") throw error;
    const step = "save the configuration";
    const remedy = "free space and the lock of the configuration on the router, and run pulumi up again: it only saves";
    throw new SafeguardError({ code: "SG3309", object, step, cause: messageOf(error), remedy }, { cause: error });
  }
}
