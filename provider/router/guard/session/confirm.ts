import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "../../../core/context";
import { causeOf, SafeguardError } from "../../../core/errors";
import type { Confirmation } from "../../outputs";
import { WAITING_RESERVE_SECONDS } from "../../protection";
import { type Protection, rejectingScript, type Verdict } from "../scripts/guard-scripts";
import { type ProbeResult, parseProbes } from "../scripts/probes";
import { failureText, isCoveredByOthers, neededFailures, type Trial, trialScript } from "../scripts/trial";
import type { GuardResult, ShellSession } from "./shell-session";

/** Time limit of one login for the confirmation, in seconds. */
const DIAL_LIMIT_SECONDS = 10;

/** How long after the commit window the router may need for the rollback, in seconds. */
const GRACE_SECONDS = 5;

/** The part of a router session that the confirmation needs. */
export type GuardSession = Pick<ShellSession, "object" | "runGuard" | "runGuardOnNewLogin">;

/** The commit window of applied changes. */
export interface CommitWindow {
  protection: Protection;
  /** The earliest time at which the timer may have been armed, as `performance.now()`. */
  armedAt: number;
}

/** How the trial ended: confirmed, with its output, or an error with the verdict of the router, if any. */
export type ConfirmResult =
  | ({ confirmation: Confirmation } & Pick<GuardResult, "stdout" | "stderr">)
  | { failure: SafeguardError; verdict?: Verdict | undefined };

/** Reports that the confirmation begins. Returns the time limit of its login, in seconds. */
export function startConfirmation(object: string, window: CommitWindow, context: OperationContext): number {
  context.log.status(`${object}: logging in again and repeating the probes`);
  return dialLimits(endOf(window) - performance.now()).dialSeconds;
}

/**
 * Confirms applied changes over a new login, after the probes have passed there. When a probe fails or no login
 * succeeds, it rolls the changes back at once over whichever connection works. If none works, the timer of the router
 * rolls back, and this waits for its verdict until shortly after the commit window.
 */
export async function confirm(
  session: GuardSession,
  window: CommitWindow,
  trial: Trial,
  context: OperationContext,
): Promise<ConfirmResult> {
  const { object } = session;
  const end = endOf(window);
  let cause = "";
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const limits = dialLimits(end - performance.now());
    if (limits.dialSeconds < 0.3) break;
    const seconds = trial.awaitingText ? waitSecondsOf(trial, end - performance.now()) : 0;
    if (seconds > 0) context.log.status(`${object}: waiting for a client's connection, ${seconds} s at most`);
    const script = trialScript(window.protection, trial, seconds);
    const result = await session.runGuardOnNewLogin(script, limits).catch((error: unknown) => {
      context.signal.throwIfAborted();
      cause = causeOf(error);
    });
    if (result) return resultOf(result, window, trial, object, context);
    context.log.status(`${object}: new login failed (${cause})`);
    await pause(200, undefined, { signal: context.signal });
  }
  return await rollBack(
    session,
    window,
    `no new login after the changes: ${cause || "the commit window has expired"}`,
    context,
  );
}

function resultOf(
  { verdict, stdout, stderr }: GuardResult,
  { protection }: CommitWindow,
  trial: Trial,
  object: string,
  context: OperationContext,
): ConfirmResult {
  const probes = trial.tries.map(({ probe }) => probe);
  const results = parseProbes(stdout, probes);
  if (verdict === "kept") return { confirmation: confirmationOf(results, trial, object, context), stdout, stderr };
  const failed = neededFailures(results, trial.tries);
  const late = `the confirmation came after the commit window of ${protection.windowSeconds} s`;
  const cause = failed.length > 0 ? failed.map(failureText).join(", ") : late;
  return { failure: verdictError(object, cause, verdict, stderr), verdict };
}

/** Reports what was proved about the confirmed changes and what was not. */
function confirmationOf(
  results: readonly ProbeResult[],
  { tries, waitSeconds, redirections = [] }: Trial,
  object: string,
  context: OperationContext,
): Confirmation {
  const passed = results.flatMap(({ result }, index) => (result === "passed" ? (tries[index] ?? []) : []));
  const proved = ["a new SSH login works", ...passed.map(({ probe: one }) => one.title)].join(", ");
  const answered = passed.flatMap(({ redirection }) => redirection ?? []);
  const others = redirections.filter((name) => !answered.includes(name));
  const clients = others.length === 0 ? "" : `; not proved for clients of redirection ${others.join(", ")}`;
  // A removal has nothing to prove about SPS.
  const recording = redirections.length === 0 ? "" : "; not proved: that SPS records a session";
  context.log.result(`${object}: confirmed; proved: ${proved}${clients}${recording}`);
  const unproven: string[] = [];
  for (const [index, one] of results.entries()) {
    if (one.result === "passed") continue;
    const text = `${object}: not proved: ${failureText(one)}`;
    // Clients without traffic are no fault; report them only when the user wants to wait for them.
    const isSilence = one.result === "unchecked" && tries[index]?.redirection !== undefined;
    if (isCoveredByOthers(one)) context.log.info(text);
    else if (!isSilence) {
      unproven.push(failureText(one));
      context.log.warn(text);
    } else if (waitSeconds > 0) context.log.info(text);
  }
  return { confirmedAt: new Date().toISOString(), confirmedUnproven: unproven, confirmedTraffic: answered };
}

async function rollBack(
  session: GuardSession,
  window: CommitWindow,
  cause: string,
  context: OperationContext,
): Promise<ConfirmResult> {
  const { object } = session;
  const script = rejectingScript(window.protection);
  const ending = ({ verdict, stderr }: GuardResult): ConfirmResult => ({
    failure: verdictError(object, cause, verdict, stderr),
    verdict,
  });
  context.log.status(`${object}: rolling the changes back`);
  const now = await session.runGuard(script, 3).catch(() => undefined);
  if (now?.verdict) return ending(now);
  const limit = endOf(window) + GRACE_SECONDS * 1000;
  while (performance.now() < limit) {
    const left = Math.ceil((limit - performance.now()) / 1000);
    context.log.status(`${object}: waiting for the router to roll the changes back, ${left} s at most`);
    const limits = { dialSeconds: Math.min(2, left), runSeconds: 20 };
    const later = await session.runGuardOnNewLogin(script, limits).catch(() => undefined);
    if (later?.verdict) return ending(later);
    await pause(300, undefined, { signal: context.signal });
  }
  return ending({ stdout: "", stderr: "" });
}

function verdictError(object: string, cause: string, verdict: Verdict | undefined, stderr: string): SafeguardError {
  const step = "confirm the changes";
  if (verdict === "back") {
    return new SafeguardError({ code: "SG3306", object, step, cause: `${cause}; everything was rolled back` });
  }
  if (verdict === "bad" || verdict === "stuck") {
    const lines = stderr.trim().split("\n");
    const details = lines.filter((line) => line !== "").join(", ");
    return new SafeguardError({ code: "SG3307", object, step, cause: `${cause}${details ? ` (${details})` : ""}` });
  }
  const known = verdict === "gone" ? "; the router has no record of the changes, as after a restart" : "";
  return new SafeguardError({ code: "SG3308", object, step, cause: `${cause}${known}` });
}

function endOf({ armedAt, protection }: CommitWindow): number {
  return armedAt + protection.windowSeconds * 1000;
}

/** How long to wait for clients so that the confirmation is still in time, in whole seconds. */
function waitSecondsOf({ waitSeconds }: Trial, leftMilliseconds: number): number {
  const affordable = Math.floor(leftMilliseconds / 1000) - WAITING_RESERVE_SECONDS;
  return Math.max(0, Math.min(waitSeconds, affordable));
}

function dialLimits(leftMilliseconds: number): { dialSeconds: number; runSeconds: number } {
  const left = leftMilliseconds / 1000;
  return { dialSeconds: Math.min(DIAL_LIMIT_SECONDS, left / 3), runSeconds: Math.max(left, 1) + 20 };
}
