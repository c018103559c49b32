import type { CiscoRouterConnection } from "../../../core/connection";
import { messageOf, SafeguardError } from "../../../core/errors";
import { warnAbout } from "../../attention";
import {
  type Applied,
  type ApplyOptions,
  PartiallyApplied,
  type PlatformContext,
  type RouterReading,
} from "../../platform";
import { spsProbes } from "../../terminal/probes";
import { CommandRefused, refusedError } from "../../terminal/session/command-line";
import { runTransaction } from "../../terminal/session/transaction";
import { confirmationOf, prepareCheck, type ReadBack } from "../../terminal/session/verify";
import type { CommandStep } from "../../terminal/steps";
import type { Desired } from "../model/desired";
import type { CiscoIosStatus, ProtectionKind } from "../model/status";
import { requirePreconditions, warnings } from "../plan/conflicts";
import { type ChangeScope, type PlanContext, planContext, withFound } from "../plan/decision";
import { foundLines, wantedLines } from "../plan/outputs";
import { isInSync, planChanges } from "../plan/plan";
import { needsFacts, supportRefusals } from "../plan/support";
import { silenceWarnings } from "../plan/watch-states";
import { withIosSession } from "./connect";
import type { IosSession } from "./ios-session";
import { managementProbes, PROBE_TOOLS } from "./probes";
import { readingOf } from "./read";
import {
  type ProtectionFacts,
  protectionOf,
  type RouterState,
  readFacts,
  readProtection,
  readRunning,
  readStartup,
  readWatches,
} from "./router-state";
import { iosProcedure, windowMinutes } from "./transaction";

/** The wanted redirections on the router and those that the resource owns there. */
export interface CiscoChange extends ChangeScope {
  applyOptions: ApplyOptions;
}

/**
 * Brings a router to the wanted state and verifies it. It reads first and changes only differences, so it may be repeated
 * after any interruption.
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function apply(
  router: CiscoRouterConnection,
  change: CiscoChange,
  context: PlatformContext,
): Promise<Applied<CiscoIosStatus>> {
  return await withIosSession(router, context, async (session, withNewLogin) => {
    const { object } = session;
    context.log.status(`${object}: reading the configuration`);
    const before = await readRunning(session);
    const facts = await readProtection(session);
    const plan = planContext(before.found, change, object);
    requirePreconditions(plan);
    warnAbout(warnings(plan), object, context);
    const { changes: steps, cleanup } = planChanges(plan);
    const protection = protectionOf(facts, change.wanted.isReloadAllowed);
    requireSettled(facts, protection, object);
    if (steps.length > 0) await requireSupport(session, change.wanted);
    const finish = async (one: IosSession, state: RouterState): Promise<RouterReading<CiscoIosStatus>> => {
      const isSaved = await saveIfWanted(one, withFound(plan, state.found), change, before, context);
      return await readingOf(one, change.wanted, state.found, protection, isSaved);
    };
    if (steps.length === 0) {
      const reading = await finish(session, await cleanUp(session, cleanup, before, context));
      if (cleanup.length > 0) return { reading, left: [...plan.left] };
      context.log.result(`${object}: in sync, nothing to change`);
      return { reading, left: [...plan.left] };
    }
    const { probe, windowSeconds } = change.applyOptions;
    const check = await prepareCheck(
      session,
      {
        probe,
        tools: PROBE_TOOLS,
        kept: managementProbes(probe, before),
        sps: spsProbes(change.wanted.legs.map(({ redirection }) => redirection)),
        read: readRunning,
        difference: ({ found }) => differenceOf(withFound(plan, found)),
        doubts: async (fresh, { found }) =>
          silenceWarnings(change.wanted, await readWatches(fresh, change.wanted, found)),
      },
      context,
    );
    if (steps.some(({ awaits }) => awaits)) await warmUp(session, change.wanted);
    context.log.status(`${object}: making ${steps.length} changes`);
    const made = await runTransaction(
      {
        session,
        withNewLogin,
        context,
        steps,
        windowSeconds: windowMinutes(windowSeconds) * 60,
        procedure: iosProcedure(session, protection, windowSeconds, before),
      },
      check,
    );
    const confirmation = confirmationOf(made.unproven, change.wanted.legs.length === 0, object, context);
    context.log.info(`${object}: made and verified ${steps.length} ${steps.length === 1 ? "change" : "changes"}`);
    try {
      const after = await cleanUp(session, cleanup, made.after, context);
      return { reading: await finish(session, after), confirmation, left: [...plan.left] };
    } catch (thrown) {
      const error = thrown instanceof CommandRefused ? refusedError(thrown, object) : thrown;
      if (!(error instanceof SafeguardError)) throw error;
      const reading = { rules: foundLines(change.wanted, made.after.found, false), interfaces: [], counters: [] };
      throw new PartiallyApplied(error, {
        reading: { ...reading, status: undefined },
        confirmation,
      });
    }
  });
}

/** @throws SafeguardError SG3101 when the device lacks a function that the wanted state needs */
async function requireSupport(session: IosSession, wanted: Desired): Promise<void> {
  if (!needsFacts(wanted)) return;
  const [refused] = supportRefusals(wanted, await readFacts(session, wanted), session.object);
  if (refused) throw refused;
}

function differenceOf(plan: PlanContext): ReadBack | undefined {
  if (planChanges(plan).changes.length === 0) return undefined;
  return { wanted: wantedLines(plan.wanted), found: foundLines(plan.wanted, plan.found, true) };
}

/** Pings each SPS that is watched, so that ARP does not cost the first probe. */
async function warmUp(session: IosSession, { legs }: Desired): Promise<void> {
  const addresses = new Set(legs.flatMap(({ watch }) => watch?.spsAddress ?? []));
  for (const address of addresses) await session.execIfKnown(PROBE_TOOLS.ping(address), "probe SPS");
}

/** Removes what confirmed changes do not use any more. What the router keeps is drift, so the next update tries again. */
async function cleanUp(
  session: IosSession,
  cleanup: readonly CommandStep[],
  before: RouterState,
  { log }: PlatformContext,
): Promise<RouterState> {
  if (cleanup.length === 0) return before;
  try {
    await session.enterConfiguration();
    for (const command of cleanup.flatMap(({ commands }) => commands)) await session.configure(command);
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    log.warn(`${session.object}: an old watch of SPS is left: ${messageOf(error)}; run pulumi up again to remove it`);
  }
  await session.execIfKnown("end", "leave configuration mode");
  return await readRunning(session);
}

const MAY_RETURN =
  "its startup configuration holds what was removed, and a reload brings it back; enter `write memory`, which also saves changes of others";

/**
 * Saves the configuration where the program wants it, or where others have saved what is removed and nothing else would be saved with the
 * removal, last of all. Returns whether the startup configuration is in sync.
 * @throws SafeguardError SG3309 when the router does not save it
 */
async function saveIfWanted(
  session: IosSession,
  plan: PlanContext,
  { wanted, owned }: CiscoChange,
  before: RouterState,
  context: PlatformContext,
): Promise<boolean> {
  const isRemoval = wanted.legs.length === 0;
  const isWanted = isRemoval ? owned.isPersistent : wanted.isPersistent;
  if (!isRemoval && !isWanted) return false;
  const startup = await readStartup(session);
  if (startup ? isInSync(withFound(plan, startup.found)) : !isWanted) return isWanted;
  if (!isWanted && startup?.text !== before.text) {
    context.log.warn(`${session.object}: ${MAY_RETURN}`);
    return false;
  }
  const { object } = session;
  const step = "save the configuration";
  const fail = (cause: string) => {
    const remedy = "free space for the startup configuration on the router, and run pulumi up again: it only saves";
    return new SafeguardError({ code: "SG3309", object, step, cause, remedy });
  };
  const output = await session.exec("write memory", step, { isLong: true, answers: { confirm: "" } }).catch((error) => {
    throw fail(messageOf(error));
  });
  if (!/\[OK\]/.test(output)) throw fail(`\`write memory\` printed "${output.split("\n").at(-1)}"`);
  context.log.info(`${object}: saved the configuration`);
  return true;
}

/**
 * What is on the router now may be gone in a moment, also where nothing has to be changed. A scheduled reload may be of
 * others too.
 * @throws SafeguardError SG3010
 */
function requireSettled({ pending }: ProtectionFacts, protection: ProtectionKind, object: string): void {
  const isReload = pending === "reload" && protection === "reload";
  if (pending !== "rollback" && !isReload) return;
  throw new SafeguardError({
    code: "SG3010",
    object,
    step: "check the router",
    cause: isReload
      ? "a reload of the router is scheduled already, which undoes what is not saved"
      : "a rollback of earlier changes is pending already",
    remedy: isReload
      ? "wait until the router has restarted, or cancel it with `reload cancel`"
      : "wait until its timer ends, or end it with `configure confirm` or `configure revert now`",
  });
}
