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
 * Takes the lock of the configuration, then rolls back what interrupted runs left. A run that still works holds the lock,
 * and keeps it also from a run that may override it: both would roll each other back.
 * @throws SafeguardError SG3010 when another session holds it
 */
export async function lockAndSettle(
  session: ClishSession,
  shell: ExpertShell | NoShell,
  isOverriding: boolean,
  context: PlatformContext,
): Promise<void> {
  if (!(shell instanceof ExpertShell)) return await session.lock(isOverriding);
  if (isOverriding && (await lookForRuns(shell)) === "unfinished") await session.lock(false, WAIT_FOR_RUN);
  else await session.lock(isOverriding);
  const settled = await settle(shell);
  if (settled.length === 0) return;
  reportSettled(settled, undefined, session.object, context);
  // A rollback takes the lock from this session.
  await session.lock(isOverriding);
}
