import type { Step } from "../../guard/scripts/shell-text";
import { usersOf } from "../neighbours/others";
import { shared } from "../plan/conflicts";
import type { PlanContext } from "../plan/decision";
import { endWatchdog, startWatchdog } from "./steps";
import { areSettingsAlike, settingsOf } from "./watch";

/** The watchdogs to end before all other changes, and to start after them. */
export interface WatchdogPlan {
  end: Step[];
  start: Step[];
}

const SHARED_REMEDY =
  "take the redirections to that SPS into one RouterRedirection, or give this one a linux.mark of its own";

/**
 * Plans the watchdogs. A watchdog is removed with the last next hop of the resource that needs it. A watchdog of
 * another release is replaced even if another resource needs it.
 * @throws SafeguardError SG3203 when a redirection of another resource uses the same next hop with other settings
 */
export function planWatchdogs(context: PlanContext): WatchdogPlan {
  const { desired, found, owned, others } = context;
  const plan: WatchdogPlan = { end: [], start: [] };
  for (const hop of desired.hops) {
    const there = found.watchdogs.get(hop.table);
    const wanted = settingsOf(hop);
    const isRight = there?.settings === wanted;
    const users = usersOf(others, hop);
    const isAlike = there && wanted !== undefined && areSettingsAlike(there.settings, wanted);
    if (users.length > 0 && !isRight && !isAlike) {
      const cause = there ? "has another watchdog" : "has no watchdog (bypass never)";
      throw shared(context, hop, users, cause, SHARED_REMEDY);
    }
    if (there && !isRight) plan.end.push(endWatchdog(hop.table, there.settings));
    if (wanted !== undefined && !(isRight && there?.isRunning)) plan.start.push(startWatchdog(hop.table, wanted));
  }
  for (const hop of owned.hops) {
    const there = found.watchdogs.get(hop.table);
    const isNeeded = desired.hops.some(({ table }) => table === hop.table) || usersOf(others, hop).length > 0;
    if (there && !isNeeded) plan.end.push(endWatchdog(hop.table, there.settings));
  }
  return plan;
}
