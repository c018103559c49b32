import type { Procedure } from "../../terminal/session/transaction";
import { undoCommands } from "../../terminal/steps";
import type { ClishSession } from "./clish-session";
import { type RouterState, readRunning } from "./router-state";

/** How a gateway makes changes. Clish has no timer that takes them back. */
export function clishProcedure(
  session: ClishSession,
  isOverridingLock: boolean,
  before: RouterState,
): Procedure<ClishSession> {
  return {
    isRollingBackAlone: false,
    begin: () => session.lock(isOverridingLock),
    finish: async () => undefined,
    confirm: (fresh, check) => check(fresh),
    async restore(one, begun) {
      const isAsBefore = async () => (await readRunning(one)).text === before.text;
      if (await isAsBefore()) return true;
      // The session that made the changes may still hold the lock, although its connection is lost.
      await one.lock(true);
      const step = "roll the changes back";
      // A step that was executed in part refuses the undo of its other part.
      for (const command of undoCommands(begun)) await one.execIfKnown(command, step);
      const isBack = await isAsBefore();
      await one.unlock();
      return isBack;
    },
  };
}
