import { randomBytes } from "node:crypto";
import type { OperationContext } from "../../../core/context";
import { messageOf, SafeguardError } from "../../../core/errors";
import type { Confirmation } from "../../outputs";
import { PartiallyApplied } from "../../platform";
import type { ApplyOutcome } from "../scripts/apply-script";
import type { Protection, SettledRun } from "../scripts/guard-scripts";
import type { Probe, ProbeResult } from "../scripts/probes";
import type { Trial } from "../scripts/trial";
import { type ConfirmResult, confirm, type GuardSession, startConfirmation } from "./confirm";

/** The outcome of changes, with the state read back when all were made. */
export type Outcome<Found> =
  | { outcome: Exclude<ApplyOutcome, { kind: "applied" }> }
  | { outcome: { kind: "applied" }; found: Found; before: ProbeResult[] };

/** How one platform makes changes and verifies them. */
export interface GuardedChange<Found> {
  protection: Protection;
  /** Makes the changes. Calls back as soon as they are made, to get the time limit of the new login in seconds. */
  apply(onApplied: () => number): Promise<Outcome<Found>>;
  /** The checks that the changes have to pass; `mustPass` are the probes that passed before them. */
  trialOf(found: Found, mustPass: readonly Probe[]): Trial;
}

/** Changes that are made and confirmed. */
export interface Confirmed<Found> {
  found: Found;
  confirmation: Confirmation;
  /** The output of the confirmation script. */
  output: { stdout: string; stderr: string };
}

/** Creates the protection for one run. */
export function newProtection(windowSeconds: number): Protection {
  return { token: randomBytes(6).toString("hex"), windowSeconds };
}

/**
 * Makes changes as one transaction and confirms them over a new login.
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function runTransaction<Found>(
  session: GuardSession,
  { protection, apply, trialOf }: GuardedChange<Found>,
  context: OperationContext,
): Promise<Confirmed<Found>> {
  const { object } = session;
  const window = { protection, armedAt: performance.now() };
  const unknown = (error: unknown) => {
    throw unknownOutcome(object, protection, messageOf(error));
  };
  const applied = await apply(() => startConfirmation(object, window, context)).catch(unknown);
  if (!("found" in applied)) throw failureOf(applied.outcome, object, protection);
  const { found, before } = applied;
  const trial = trialOf(found, passedOf(before, object, context));
  const ending: ConfirmResult = await confirm(session, window, trial, context).catch(unknown);
  if ("confirmation" in ending) return { found, confirmation: ending.confirmation, output: ending };
  throw ending.verdict === "back" ? ending.failure : new PartiallyApplied(ending.failure);
}

/**
 * Reports the outcome of earlier runs.
 * @throws SafeguardError SG3306 when the changes of the lost attempt expired: made again, they would lock us out again
 */
export function reportSettled(
  settled: readonly SettledRun[],
  lost: Protection | undefined,
  object: string,
  context: OperationContext,
): void {
  for (const { token, isExpired, verdict } of settled) {
    const isLost = token === lost?.token;
    if (verdict === "bad") {
      const cause = "changes of an earlier run were not confirmed, and part of them could not be rolled back";
      context.log.warn(`${object}: ${cause}; check its rules and routes`);
    } else if (isLost && isExpired) {
      const cause = "no login succeeded before the commit window expired; the router rolled everything back";
      throw new SafeguardError({ code: "SG3306", object, step: "confirm the changes", cause });
    } else if (verdict === "back") {
      const whose = isLost ? "the lost attempt" : "an earlier run";
      context.log.warn(`${object}: rolled back changes of ${whose} that were never confirmed`);
    }
  }
}

/**
 * Runs an attempt. When its outcome is unknown, logs in once more and reads the outcome from the router.
 * @throws as the attempt
 */
export async function applyWithRetry<T>(
  windowSeconds: number,
  attempt: (protection: Protection, lost?: Protection) => Promise<T>,
  context: OperationContext,
): Promise<T> {
  const protection = newProtection(windowSeconds);
  try {
    return await attempt(protection);
  } catch (error) {
    if (!(error instanceof PartiallyApplied) || !error.details.isOutcomeUnknown || context.signal.aborted) throw error;
    context.log.warn(`${error.failure.message}; logging in again to find out`);
    return await attempt(newProtection(windowSeconds), protection).catch((second: unknown) => {
      if (second instanceof PartiallyApplied) throw second;
      throw new PartiallyApplied(error.failure, { isOutcomeUnknown: true });
    });
  }
}

function failureOf(
  outcome: Exclude<ApplyOutcome, { kind: "applied" }>,
  object: string,
  protection: Protection,
): SafeguardError | PartiallyApplied {
  if (outcome.kind === "unclear") return unknownOutcome(object, protection, "the router's answer is incomplete");
  if (outcome.kind === "unprotected") {
    const cause = `the timer that would roll changes back cannot be armed: ${outcome.message}`;
    return new SafeguardError({ code: "SG3305", object, step: "protect the changes", cause });
  }
  const text = { object, step: outcome.step, cause: outcome.message };
  return outcome.isUndone
    ? new SafeguardError({ code: "SG3301", ...text })
    : new PartiallyApplied(new SafeguardError({ code: "SG3302", ...text }));
}

/** The probes that passed before the changes; reports the others. */
function passedOf(before: readonly ProbeResult[], object: string, context: OperationContext): Probe[] {
  for (const { probe, result, detail } of before) {
    if (result === "failed") {
      context.log.warn(`${object}: ${probe.title} did not answer before the changes either: ${detail}`);
    } else if (result === "unchecked" && probe.isRequested) {
      context.log.warn(`${object}: ${probe.title} is not checked: ${detail}`);
    }
  }
  return before.filter(({ result }) => result === "passed").map(({ probe }) => probe);
}

function unknownOutcome(object: string, { windowSeconds }: Protection, cause: string): PartiallyApplied {
  const text = {
    object,
    step: "change the router",
    cause: `the outcome is unknown: ${cause}; the router rolls the changes back ${windowSeconds} s after they were made unless they were confirmed`,
  };
  return new PartiallyApplied(new SafeguardError({ code: "SG3304", ...text }), { isOutcomeUnknown: true });
}
