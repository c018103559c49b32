import type { Step } from "../../guard/scripts/step";
import { usersOf } from "../neighbours/others";
import type { PlanContext } from "../plan/decision";
import { shared } from "../plan/in-the-way";
import { endWatchdog, startWatchdog } from "./steps";
import { areSettingsAlike, settingsOf } from "./watch";

/** The watchdogs that have to be ended before anything else is changed, and started when all is. */
export interface WatchdogPlan {
  end: Step[];
  start: Step[];
}

const SHARED_REMEDY =
  "take the redirections to that SPS into one RouterRedirection, or give this one a linux.mark of its own";

/**
 * What leads to the wanted watchdogs. One that no way of the resource needs any more goes with the way; one of another
 * release is replaced, also where another resource needs it.
 * @throws SafeguardError SG3203 when another resource's redirection goes the same way and wants it otherwise.
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
