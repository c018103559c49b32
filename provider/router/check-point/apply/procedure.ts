import type { Protection } from "../../guard/scripts/guard-scripts";
import { NotConfirmed, type Procedure } from "../../terminal/session/transaction";
import { type CommandStep, undoCommands } from "../../terminal/steps";
import { changedLines } from "../plan/steps";
import type { ClishSession } from "./clish-session";
import { ExpertShell } from "./expert-shell";
import { arm, confirmRun, recordBegun, rejectRun } from "./gateway-guard";
import { type RouterState, readRunning } from "./router-state";

/**
 * How a gateway makes changes without a shell: only this program takes them back. The session holds the lock of the
 * configuration; another session that takes it makes the next command fail.
 */
export function clishProcedure(before: RouterState): Procedure<ClishSession> {
  return {
    isRollingBackAlone: false,
    begin: async () => undefined,
    finish: async () => undefined,
    confirm: (fresh, check) => check(fresh),
    async restore(one, begun) {
      if (await isAsBefore(one, before, begun)) return true;
      // The session that made the changes may still hold the lock, although its connection is lost.
      await one.lock(true);
      const step = "roll the changes back";
      // A step that was executed in part refuses the undo of its other part.
      for (const command of undoCommands(begun)) await one.execIfKnown(command, step);
      const isBack = await isAsBefore(one, before, begun);
      await one.unlock();
      return isBack;
    },
  };
}

/** The same with a shell: the gateway's own timer takes back what is not confirmed. */
export function guardedProcedure(
  shell: ExpertShell,
  before: RouterState,
  steps: readonly CommandStep[],
  protection: Protection,
): Procedure<ClishSession> {
  const numbersOf = (begun: readonly CommandStep[]) => begun.map((step) => steps.indexOf(step) + 1);
  return {
    isRollingBackAlone: true,
    begin: () => arm(shell, steps, before.text, protection),
    async beforeSteps(begun) {
      if (!(await recordBegun(shell, numbersOf(begun), protection)))
        throw new NotConfirmed("the commit window has expired");
    },
    finish: async () => undefined,
    async confirm(fresh, check) {
      const checked = await check(fresh);
      const verdict = await confirmRun(await shellOf(fresh), protection);
      if (verdict === "kept") return checked;
      // A repeated attempt finds the confirmation of the one before, or the gateway after a restart.
      if (verdict === "gone") return await check(fresh);
      throw new NotConfirmed("the commit window has expired");
    },
    async restore(one, begun) {
      const verdict = await rejectRun(await shellOf(one), numbersOf(begun), protection);
      if (verdict === undefined) throw new Error("the gateway does not report whether it has rolled back");
      return verdict === "back" || (verdict === "gone" && (await isAsBefore(one, before, begun)));
    },
  };
}

/** Whether the tables and rules that the steps change are as before. */
async function isAsBefore(session: ClishSession, before: RouterState, steps: readonly CommandStep[]): Promise<boolean> {
  const linesOf = ({ text }: RouterState) => changedLines(text, steps).join("\n");
  return linesOf(await readRunning(session)) === linesOf(before);
}

async function shellOf(session: ClishSession): Promise<ExpertShell> {
  const shell = await session.shell();
  if (shell instanceof ExpertShell) return shell;
  throw new Error(`no shell: ${shell.reason}`);
}
