import type { OperationContext } from "../../../core/context";
import { SafeguardError } from "../../../core/errors";
import { warnAbout } from "../../attention";
import type { Protection } from "../../guard/scripts/guard-scripts";
import { managementProbes } from "../../guard/scripts/probes";
import { reportSettled, runTransaction } from "../../guard/session/transaction";
import type { Confirmation } from "../../outputs";
import { type ApplyOptions, PartiallyApplied } from "../../platform";
import { withDrainingHops } from "../drain/draining";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { NextHop } from "../model/next-hops";
import { persistedText, settlePersistence } from "../persistence/outcome";
import { type PersistencePlan, planPersistence } from "../persistence/plan";
import { persistScript } from "../persistence/script";
import { type Decision, type PlanContext, planContext, withFound, withWanted } from "../plan/decision";
import { desiredRules, foundRules, isAbsent, isInSync } from "../plan/lines";
import { readingOf } from "../plan/outputs";
import { planChanges } from "../plan/plan";
import { requirePreconditions } from "../plan/preconditions";
import { takeoverWarnings, warnings } from "../plan/warnings";
import { notingText } from "../proof/traffic-probes";
import { trialOf } from "../proof/tries";
import { readScope } from "../read/read-script";
import { drainingHops } from "./await-sessions";
import type { LinuxSession } from "./linux-session";

/** The wanted redirections on the router and those that the resource owns there. */
export interface LinuxChange {
  wanted: Desired;
  owned: Desired;
  isAdopting: boolean;
  applyOptions: ApplyOptions;
}

/** The protection of one attempt to make a change. */
export interface Attempt {
  protection: Protection;
  /** The protection of an earlier attempt with unknown outcome. */
  lost?: Protection | undefined;
}

/** The final state of the router. */
export interface AppliedOnce {
  context: PlanContext;
  /** Absent when no change was needed. */
  confirmation?: Confirmation | undefined;
  /** The next hops that are kept until their sessions end. */
  draining: NextHop[];
}

/**
 * Brings the router to the wanted state and verifies it. It reads first and changes only differences, so it may be
 * repeated after any interruption. It detects every foreseeable failure before the first change.
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function applyOnce(
  session: LinuxSession,
  change: LinuxChange,
  { protection, lost }: Attempt,
  context: OperationContext,
): Promise<AppliedOnce> {
  const { wanted, applyOptions } = change;
  const { object } = session;
  const { log } = context;
  const scope = readScope(wanted, change.owned);
  log.status(`${object}: reading rules and routes`);
  const { found, settled } = await session.settleAndRead(scope);
  reportSettled(settled, lost, object, context);
  const plan = planContext(found, change, object);
  requirePreconditions(plan);
  warnAbout([...warnings(plan), ...takeoverWarnings(plan)], object, context);
  const draining = await drainingHops(session, applyOptions.removal, plan, context);
  const interim = draining.length === 0 ? plan : withWanted(plan, withDrainingHops(wanted, plan.owned, draining));
  const steps = planChanges(interim);
  reportBackend(plan, object, context);
  if (steps.length === 0) return { context: await writeFiles(session, plan, context), draining };
  log.status(`${object}: making ${steps.length} changes as one transaction`);
  const background = applyOptions.probe.traffic === "off" ? undefined : notingText(plan.desired);
  const probes = managementProbes(applyOptions.probe);
  const after: { read: PlanContext; problem?: SafeguardError | undefined; files?: PersistencePlan | undefined } = {
    read: plan,
  };
  const { confirmation, output } = await runTransaction<Found>(
    session,
    {
      protection,
      apply: (onApplied) => session.apply({ steps, protection, probes, background, onApplied }, scope),
      trialOf: (read, mustPass) => {
        after.read = withFound(plan, read);
        after.problem = remainingDifference(
          draining.length === 0 ? after.read : withFound(interim, read),
          plan.owned,
          object,
        );
        // Files are written last, and only for rules in sync: until then a restart restores the last confirmed
        // state.
        after.files = after.problem ? undefined : planPersistence(after.read);
        return {
          ...trialOf(mustPass, applyOptions.probe, after.read),
          ...(after.files && { afterwards: persistScript(after.files) }),
        };
      },
    },
    context,
  );
  const fail = (failure: SafeguardError, read: PlanContext) => {
    throw new PartiallyApplied(failure, { reading: readingOf(read), confirmation });
  };
  if (after.problem) return fail(after.problem, after.read);
  const persisted = after.files && settlePersistence(output, after.files, after.read);
  if (persisted?.failure) return fail(persisted.failure, persisted.context);
  const made = `${object}: made and verified ${steps.length} ${steps.length === 1 ? "change" : "changes"}`;
  // With a confirmation, its line says what came of the update.
  if (confirmation) log.info(made);
  else log.result(made);
  if (after.files && persisted) log.info(`${object}: ${persistedText(after.files, persisted.context)}`);
  return { context: persisted?.context ?? after.read, confirmation, draining };
}

/** Updates the files that restore the rules at boot, but only when the rules are in sync. */
async function writeFiles(session: LinuxSession, plan: PlanContext, context: OperationContext): Promise<PlanContext> {
  const { object } = session;
  const files = planPersistence(plan);
  if (!files) {
    context.log.result(`${object}: in sync, nothing to change`);
    return plan;
  }
  context.log.status(`${object}: writing the files that restore the redirections at restarts`);
  const output = await session.run(persistScript(files), "persist the redirections");
  const persisted = settlePersistence(output, files, plan);
  if (persisted.failure) throw new PartiallyApplied(persisted.failure, { reading: readingOf(persisted.context) });
  context.log.result(`${object}: ${persistedText(files, persisted.context)}`);
  return persisted.context;
}

/** Reports the backend when it was chosen automatically. */
function reportBackend({ wanted, backend }: Decision, object: string, context: OperationContext): void {
  if (wanted.backend === "auto" && wanted.chains.length > 0 && backend.name !== undefined) {
    context.log.info(`${object}: backend ${backend.name}: ${backend.reason}`);
  }
}

/** A difference from the wanted state that remains although all changes succeeded. */
function remainingDifference(decision: Decision, owned: Desired, object: string): SafeguardError | undefined {
  const { wanted, found } = decision;
  const problem = (cause: string) => new SafeguardError({ code: "SG3303", object, step: "verify the changes", cause });
  if (!isInSync(decision)) {
    const lines = desiredRules(wanted);
    const there = foundRules(decision);
    const missing = lines.find((line) => !there.includes(line));
    const extra = there.find((line) => !lines.includes(line));
    return problem(
      missing ? `"${missing}" is missing` : extra ? `"${extra}" was not planned` : "the rules are in another order",
    );
  }
  const names = wanted.chains.map((chain) => chain.name);
  const left = owned.chains.find((chain) => !names.includes(chain.name) && !isAbsent(chain, found));
  if (left) return problem(`chain ${left.name} still exists`);
  const { owner } = wanted;
  const nameless = wanted.chains.find(
    ({ redirection }) => owner && found.owners.get(redirection.name)?.id !== owner.id,
  );
  return nameless && problem(`the router does not record the owner of redirection ${nameless.redirection.name}`);
}
