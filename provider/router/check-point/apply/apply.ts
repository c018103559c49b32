import type { CheckPointConnection } from "../../../core/connection";
import { SafeguardError } from "../../../core/errors";
import { warnAbout } from "../../attention";
import { newProtection } from "../../guard/session/transaction";
import { type Applied, type ApplyOptions, PartiallyApplied, type PlatformContext } from "../../platform";
import { hostProbes, spsProbes } from "../../terminal/probes";
import { runTransaction } from "../../terminal/session/transaction";
import { confirmationOf, prepareCheck, type ReadBack } from "../../terminal/session/verify";
import type { CheckPointStatus } from "../model/status";
import { requirePreconditions, warnings } from "../plan/conflicts";
import { type ChangeScope, decisiveState, type PlanContext, planContext, withFound } from "../plan/decision";
import { foundLines, wantedLines } from "../plan/outputs";
import { planChanges } from "../plan/plan";
import { withClish } from "./connect";
import { ExpertShell } from "./expert-shell";
import { protectionText } from "./gateway-guard";
import { PROBE_TOOLS, portRefusals } from "./probes";
import { clishProcedure, guardedProcedure } from "./procedure";
import { readingOf } from "./read";
import { readFacts, readIsSaved, readIsSavedIfShown, readRunning } from "./router-state";
import { saveIfWanted } from "./saving";
import { hasEarlierRuns, lockAndSettle } from "./settling";

/** The wanted redirections on the router and those that the resource owns there. */
export interface CheckPointChange extends ChangeScope {
  applyOptions: ApplyOptions;
}

/**
 * Brings a router to the wanted state and verifies it. It reads first and changes only differences, so it may be repeated
 * after any interruption.
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function apply(
  router: CheckPointConnection,
  change: CheckPointChange,
  context: PlatformContext,
): Promise<Applied<CheckPointStatus>> {
  return await withClish(router, context, async (session, withNewLogin) => {
    const { object } = session;
    const { wanted } = change;
    const { probe, windowSeconds } = change.applyOptions;
    const shell = await session.shell();
    const { isOverridingLock } = decisiveState(change);
    const isLocked = await hasEarlierRuns(shell);
    if (isLocked) await lockAndSettle(session, shell, isOverridingLock, windowSeconds, context);
    context.log.status(`${object}: reading the configuration`);
    const facts = await readFacts(session);
    const now = await readRunning(session);
    const first = planContext(now.found, change, object);
    requirePreconditions(first, facts);
    // A removal must end also on a gateway that has lost its shell: it warns of what it does not check.
    const [refused] = wanted.routes.length === 0 ? [] : portRefusals(probe, shell, object);
    if (refused) throw refused;
    warnAbout(warnings(first, facts), object, context);
    if (planChanges(first).length === 0) {
      const isSaved = await saveIfWanted(session, withNewLogin, first, { ...change, wasSaved: false }, context);
      if (isLocked) await session.unlock();
      context.log.result(`${object}: in sync, nothing to change`);
      return { reading: readingOf(wanted, first.found, facts, isSaved), left: [...first.left] };
    }
    if (!isLocked) await lockAndSettle(session, shell, isOverridingLock, windowSeconds, context);
    // Another session may have changed the configuration until the lock was free.
    const before = isLocked ? now : await readRunning(session);
    const plan = planContext(before.found, change, object);
    requirePreconditions(plan, facts);
    const steps = planChanges(plan);
    const check = await prepareCheck(
      session,
      {
        probe,
        tools: PROBE_TOOLS,
        kept: hostProbes(probe),
        sps: spsProbes(wanted.routes.map(({ redirection }) => redirection)),
        read: readRunning,
        difference: ({ found }) => differenceOf(withFound(plan, found)),
      },
      context,
    );
    // What cannot be saved must not be changed first.
    if (decisiveState(change).isPersistent) await readIsSaved(session);
    const isMaybeSaved = wanted.routes.length === 0 && !change.owned.isPersistent;
    const wasSaved = isMaybeSaved && (await readIsSavedIfShown(session)) === true;
    context.log.status(`${object}: making ${steps.length} changes`);
    if (!(shell instanceof ExpertShell)) context.log.warn(`${object}: ${protectionText(shell)}`);
    const procedure =
      shell instanceof ExpertShell
        ? guardedProcedure(shell, before, steps, newProtection(windowSeconds))
        : clishProcedure(before);
    const made = await runTransaction({ session, withNewLogin, context, steps, windowSeconds, procedure }, check);
    const confirmation = confirmationOf(made.unproven, wanted.routes.length === 0, object, context);
    context.log.info(`${object}: made and verified ${steps.length} ${steps.length === 1 ? "change" : "changes"}`);
    const reading = (isSaved: boolean) => readingOf(wanted, made.after.found, facts, isSaved);
    try {
      const isSaved = await saveIfWanted(session, withNewLogin, plan, { ...change, wasSaved }, context);
      // The end of the session frees the lock too, at the latest when it times out.
      await session.unlock().catch(() => undefined);
      return { reading: reading(isSaved), confirmation, left: [...plan.left] };
    } catch (error) {
      if (!(error instanceof SafeguardError)) throw error;
      throw new PartiallyApplied(error, { reading: reading(false), confirmation });
    }
  });
}

function differenceOf(plan: PlanContext): ReadBack | undefined {
  if (planChanges(plan).length === 0) return undefined;
  return { wanted: wantedLines(plan.wanted), found: foundLines(plan.wanted, plan.found, true) };
}
