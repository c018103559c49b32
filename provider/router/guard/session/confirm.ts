import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "../../../core/context";
import { messageOf, SafeguardError } from "../../../core/errors";
import type { Confirmation } from "../../../resources/router-redirection/schema";
import { routerError } from "../../failures";
import { trafficSecondsOf, WAITING_RESERVE_SECONDS } from "../../protection";
import { type Protection, rejectingScript, type Verdict } from "../scripts/guard-scripts";
import { parseProbes } from "../scripts/probes";
import { confirmedBy, failureText, neededFailures, type Trial, type Try, trialScript, triesOf } from "./trial";

/** Limit of one attempt to log in for the confirmation, in seconds. */
const DIAL_LIMIT_SECONDS = 10;

/** How long beyond the window the router may need to take changes back, in seconds. */
const GRACE_SECONDS = 5;

/** What the confirmation needs of a session on the router. */
export interface GuardedSession {
  readonly object: string;
  /** Runs a guard script over a new connection, and reads the verdict. */
  judgeAnew(script: string, limits: { dialSeconds: number; runSeconds: number }): Promise<Judgement>;
  /** Runs a guard script over the connection that made the changes. */
  judge(script: string, runSeconds: number): Promise<Judgement>;
}

/** What a guard script said. */
export interface Judgement {
  verdict?: Verdict;
  stdout: string;
  stderr: string;
}

/** How the trial ended: confirmed, with all that was said, or an error with the router's verdict, if it gave one. */
export type Ending =
  | ({ confirmation: Confirmation } & Pick<Judgement, "stdout" | "stderr">)
  | { failure: SafeguardError; verdict?: Verdict };

/** A protection for one run. */
export function newProtection(windowSeconds: number): Protection {
  return { token: randomBytes(6).toString("hex"), windowSeconds };
}

/** What to do as soon as changes are made: says that a new login begins, and gives its limit in seconds. */
export function beginConfirming(
  object: string,
  { protection, armedAt }: Pick<Trial, "protection" | "armedAt">,
  context: OperationContext,
): number {
  context.log.status(`${object}: logging in anew and trying what worked before`);
  return dialLimits(armedAt + protection.windowSeconds * 1000 - performance.now()).dialSeconds;
}

/**
 * Confirms applied changes over a new connection, after the probes have passed there. When a probe fails, or nobody
 * can log in, the changes are taken back at once over whichever connection works; else the router's timer does it,
 * and this waits for its verdict until shortly after the window.
 */
export async function confirm(session: GuardedSession, trial: Trial, context: OperationContext): Promise<Ending> {
  const { object } = session;
  const { protection } = trial;
  const end = trial.armedAt + protection.windowSeconds * 1000;
  const tries = triesOf(trial);
  const isAwaiting = tries.some(({ clients }) => clients !== undefined);
  let cause = "";
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const limits = dialLimits(end - performance.now());
    if (limits.dialSeconds < 0.3) break;
    const seconds = isAwaiting ? waitOf(trial, end - performance.now()) : 0;
    if (seconds > 0) context.log.status(`${object}: awaiting a client's connection, ${seconds} s at most`);
    const judged = await session.judgeAnew(trialScript(trial, tries, seconds), limits).catch((error: unknown) => {
      context.signal.throwIfAborted();
      cause = causeOf(error);
    });
    if (judged) return settle(judged, tries, trial, object, context);
    context.log.status(`${object}: no new login (${cause})`);
    await pause(200, undefined, { signal: context.signal });
  }
  return await takeBack(session, trial, `no new login after the changes: ${cause || "the window is over"}`, context);
}

function settle(
  judged: Judgement,
  tries: readonly Try[],
  trial: Trial,
  object: string,
  context: OperationContext,
): Ending {
  const results = parseProbes(
    judged.stdout,
    tries.map(({ probe }) => probe),
  );
  const { verdict } = judged;
  if (verdict === "kept") {
    const confirmation = confirmedBy(results, tries, trial, object, context);
    return { confirmation, stdout: judged.stdout, stderr: judged.stderr };
  }
  const failed = neededFailures(results, tries);
  const late = `the confirmation came too late: the window of ${trial.protection.windowSeconds} s was over`;
  const cause = failed.length > 0 ? failed.map(failureText).join(", ") : late;
  return { failure: verdictError(object, cause, verdict, judged.stderr), verdict };
}

async function takeBack(
  session: GuardedSession,
  trial: Trial,
  cause: string,
  context: OperationContext,
): Promise<Ending> {
  const { object } = session;
  const script = rejectingScript(trial.protection);
  context.log.status(`${object}: taking the changes back`);
  const judged = await session.judge(script, 3).catch(() => undefined);
  if (judged?.verdict)
    return { failure: verdictError(object, cause, judged.verdict, judged.stderr), verdict: judged.verdict };
  const limit = trial.armedAt + (trial.protection.windowSeconds + GRACE_SECONDS) * 1000;
  while (performance.now() < limit) {
    const left = Math.ceil((limit - performance.now()) / 1000);
    context.log.status(`${object}: awaiting that the router takes the changes back, ${left} s at most`);
    const limits = { dialSeconds: Math.min(2, left), runSeconds: 20 };
    const later = await session.judgeAnew(script, limits).catch(() => undefined);
    if (later?.verdict)
      return { failure: verdictError(object, cause, later.verdict, later.stderr), verdict: later.verdict };
    await pause(300, undefined, { signal: context.signal });
  }
  return { failure: verdictError(object, cause, undefined, "") };
}

function verdictError(object: string, cause: string, verdict: Verdict | undefined, stderr: string): SafeguardError {
  const step = "confirm the changes";
  if (verdict === "back")
    return routerError("rolledBack", { object, step, cause: `${cause}; everything was taken back` });
  if (verdict === "bad" || verdict === "stuck") {
    const said = stderr
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .join(", ");
    return routerError("rollbackFailed", { object, step, cause: `${cause}${said ? ` (${said})` : ""}` });
  }
  const known = verdict === "gone" ? "; the router no longer knows of the changes, as after a restart" : "";
  return routerError("notConfirmed", { object, step, cause: `${cause}${known}` });
}

/** How long to wait for clients, in whole seconds, so that a confirmation does not come too late for it. */
function waitOf({ probe }: Trial, leftMilliseconds: number): number {
  const affordable = Math.floor(leftMilliseconds / 1000) - WAITING_RESERVE_SECONDS;
  return Math.max(0, Math.min(trafficSecondsOf(probe), affordable));
}

function dialLimits(leftMilliseconds: number): { dialSeconds: number; runSeconds: number } {
  const left = leftMilliseconds / 1000;
  return { dialSeconds: Math.min(DIAL_LIMIT_SECONDS, left / 3), runSeconds: Math.max(left, 1) + 20 };
}

function causeOf(error: unknown): string {
  return error instanceof SafeguardError ? error.text.cause : messageOf(error);
}
