import { reportSettled } from "../../guard/session/transaction";
import type { PlatformContext } from "../../platform";
import type { ClishSession } from "./clish-session";
import { ExpertShell, type NoShell } from "./expert-shell";
import { hasRuns, settle } from "./gateway-guard";

/** Whether the gateway holds changes of a run that has not ended, or not in order. */
export async function hasEarlierRuns(shell: ExpertShell | NoShell): Promise<boolean> {
  return shell instanceof ExpertShell && (await hasRuns(shell));
}

/**
 * Takes the lock of the configuration, then rolls back what interrupted runs left. A run that still works holds the lock.
 * @throws SafeguardError SG3010 when another session holds it
 */
export async function lockAndSettle(
  session: ClishSession,
  shell: ExpertShell | NoShell,
  isOverriding: boolean,
  context: PlatformContext,
): Promise<void> {
  await session.lock(isOverriding);
  if (!(shell instanceof ExpertShell) || !(await hasRuns(shell))) return;
  reportSettled(await settle(shell), undefined, session.object, context);
  // A rollback takes the lock from this session.
  await session.lock(isOverriding);
}
