import { reportSettled } from "../../guard/session/transaction";
import type { PlatformContext } from "../../platform";
import type { ClishSession } from "./clish-session";
import { ExpertShell, type NoShell } from "./expert-shell";
import { lookForRuns, settle } from "./gateway-guard";

const WAIT_FOR_RUN =
  "wait for that run to end; if it was interrupted, the gateway rolls its changes back at the end of its commit window, and checkPoint.overrideLock then takes the lock";

/** Whether the gateway holds changes of a run that has not ended, or not in order. */
export async function hasEarlierRuns(shell: ExpertShell | NoShell): Promise<boolean> {
  return shell instanceof ExpertShell && (await lookForRuns(shell)) !== "none";
}

/**
 * Takes the lock of the configuration, then rolls back what interrupted runs left. Of runs with a shell, only one at a time
 * goes on: runs that take the lock of the configuration from each other would roll each other back. A run that has lost its
 * shell may still confirm its changes over a new login until its timer ends; until then its lock is not overridden either.
 * @throws SafeguardError SG3010 when another run works, or another session holds the lock
 */
export async function lockAndSettle(
  session: ClishSession,
  shell: ExpertShell | NoShell,
  isOverriding: boolean,
  windowSeconds: number,
  context: PlatformContext,
): Promise<void> {
  if (!(shell instanceof ExpertShell)) return await session.lock(isOverriding);
  await shell.lockRuns(windowSeconds, WAIT_FOR_RUN);
  const earlier = await lookForRuns(shell);
  if (earlier === "unfinished")
    await session.lock(false, WAIT_FOR_RUN).catch(async (error: unknown) => {
      // Its rollback may have ended meanwhile.
      if (!isOverriding || (await lookForRuns(shell)) === "unfinished") throw error;
      await session.lock(true);
    });
  else await session.lock(isOverriding);
  // No run can begin while this one holds the lock of runs.
  if (earlier === "none") return;
  const settled = await settle(shell);
  if (settled.length === 0) return;
  reportSettled(settled, undefined, session.object, context);
  // A rollback takes the lock from this session.
  await session.lock(isOverriding);
}
