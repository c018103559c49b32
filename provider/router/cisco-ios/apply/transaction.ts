import { setTimeout as pause } from "node:timers/promises";
import { causeOf, messageOf, SafeguardError } from "../../../core/errors";
import { PartiallyApplied, type PlatformContext } from "../../platform";
import type { ProtectionKind } from "../model/status";
import { type Step, undoCommands } from "../plan/steps";
import type { WithNewLogin } from "./connect";
import { CommandRefused, type IosSession } from "./ios-session";
import { type RouterState, readRunning } from "./router-state";

/** Time limit of one login for the confirmation or a rollback, in seconds. */
const LOGIN_LIMIT_SECONDS = 10;

/** How long after the commit window the router may need for the rollback, in seconds. */
const GRACE_SECONDS = 15;

/** Logins for the confirmation before everything is rolled back. */
const CONFIRM_ATTEMPTS = 2;

const NOT_PENDING = /No Rollback Confirmed Change pending/;

/** Changes of one router that are made, confirmed or rolled back as one. */
export interface Transaction {
  session: IosSession;
  withNewLogin: WithNewLogin;
  context: PlatformContext;
  before: RouterState;
  steps: readonly Step[];
  protection: ProtectionKind;
  windowSeconds: number;
}

/** The changes work, but a check after them failed. They are rolled back. */
export class NotConfirmed extends Error {}

/** The commit window in the whole minutes that timers of IOS know. */
export function windowMinutes(windowSeconds: number): number {
  return Math.ceil(windowSeconds / 60);
}

/**
 * Makes changes and has them checked over a new login. `check` throws NotConfirmed to have them rolled back.
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function runTransaction<T>(
  transaction: Transaction,
  check: (session: IosSession) => Promise<T>,
): Promise<T> {
  const { session, context, windowSeconds } = transaction;
  const { object } = session;
  const end = performance.now() + windowMinutes(windowSeconds) * 60_000;
  const begun: Step[] = [];
  try {
    await enterProtected(transaction);
    for (const step of transaction.steps) {
      begun.push(step);
      if (step.hasEffectLater) await session.configureTogether(step.commands);
      else for (const command of step.commands) await session.configure(command);
    }
    await session.exec("end", "leave configuration mode");
  } catch (error) {
    if (begun.length === 0 && error instanceof SafeguardError && ["SG3010", "SG3305"].includes(error.code)) throw error;
    context.log.status(`${object}: rolling the changes back`);
    const isAlive = error instanceof CommandRefused;
    const outcome = await rollBack(transaction, begun, end, isAlive);
    const cause = isAlive ? messageOf(error) : `the session was lost: ${causeOf(error)}`;
    throw failureOf(outcome, { back: "SG3301", bad: "SG3302", unknown: "SG3304" }, object, begun.at(-1)?.title, cause);
  }
  const confirmed = await confirm(transaction, end, check);
  if ("result" in confirmed) return confirmed.result;
  context.log.status(`${object}: rolling the changes back`);
  const outcome = await rollBack(transaction, begun, end, true);
  const codes = { back: "SG3306", bad: "SG3307", unknown: "SG3308" } as const;
  throw failureOf(outcome, codes, object, "confirm the changes", confirmed.cause);
}

/** Starts the protection and enters configuration mode. @throws SafeguardError SG3305 when the router refuses it */
async function enterProtected({ session, protection, windowSeconds }: Transaction): Promise<void> {
  const minutes = windowMinutes(windowSeconds);
  const step = "protect the changes";
  try {
    if (protection === "reload") {
      // Saving would make the changes survive the reload that is to undo them.
      await session.exec(`reload in ${minutes}`, step, { answers: { Save: "no", confirm: "" } });
    }
    const timer = protection === "revert-timer" ? ` revert timer ${minutes}` : "";
    await session.enterConfiguration(`configure terminal${timer}`);
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    const remedy = "correct the configuration archive of the router, and run pulumi up again; nothing was changed";
    throw new SafeguardError(
      { code: "SG3305", object: session.object, step, cause: messageOf(error), remedy },
      { cause: error },
    );
  }
}

/** Checks the changes over a new login and ends the protection. A login that fails is repeated once. */
async function confirm<T>(
  { withNewLogin, session: { object }, context, protection }: Transaction,
  end: number,
  check: (session: IosSession) => Promise<T>,
): Promise<{ result: T } | { cause: string }> {
  let cause = "";
  for (let attempt = 0; attempt < CONFIRM_ATTEMPTS && performance.now() < end; attempt += 1) {
    context.log.status(`${object}: logging in again and checking the changes`);
    try {
      const result = await withNewLogin(loginLimit(end), async (fresh) => {
        const checked = await check(fresh);
        if (protection === "reload") await fresh.exec("reload cancel", "confirm the changes");
        if (protection !== "revert-timer") return checked;
        const output = await fresh.exec("configure confirm", "confirm the changes");
        // A repeated attempt finds the confirmation of the one before, or the router as it was.
        return NOT_PENDING.test(output) ? await check(fresh) : checked;
      });
      return { result };
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof NotConfirmed) return { cause: error.message };
      cause = `no new login after the changes: ${causeOf(error)}`;
    }
  }
  return { cause };
}

type Outcome = "back" | "bad" | "unknown";

/** Rolls back over this session or new logins. Without any, the router's own timer does, and this waits for it. */
async function rollBack(
  transaction: Transaction,
  begun: readonly Step[],
  end: number,
  isSessionAlive: boolean,
): Promise<Outcome> {
  const { session, withNewLogin, context } = transaction;
  const over = async (one: IosSession): Promise<Outcome> =>
    (await rollBackOver(one, transaction, begun)) ? "back" : "bad";
  const ignore = (): undefined => {
    context.signal.throwIfAborted();
  };
  const now = isSessionAlive ? await over(session).catch(ignore) : undefined;
  if (now) return now;
  const limit = end + GRACE_SECONDS * 1000;
  while (performance.now() < limit) {
    const later = await withNewLogin(loginLimit(limit), over).catch(ignore);
    if (later) return later;
    const left = Math.ceil((limit - performance.now()) / 1000);
    context.log.status(`${session.object}: waiting for a login to roll the changes back, ${left} s at most`);
    await pause(500, undefined, { signal: context.signal });
  }
  return "unknown";
}

/** Whether the configuration is as before. Throws when the session is lost. */
async function rollBackOver(
  session: IosSession,
  { protection, before }: Transaction,
  begun: readonly Step[],
): Promise<boolean> {
  const step = "roll the changes back";
  const isAsBefore = async () => (await readRunning(session)).text === before.text;
  // Refused where the session is in no configuration mode.
  await session.execIfKnown("end", step);
  if (protection === "revert-timer") await session.execIfKnown("configure revert now", step);
  let isBack = await isAsBefore();
  if (!isBack) {
    await session.enterConfiguration();
    // A step that was executed in part refuses the undo of its other part.
    for (const command of undoCommands(begun)) await session.execIfKnown(command, step);
    await session.execIfKnown("end", step);
    isBack = await isAsBefore();
  }
  if (isBack && protection === "reload") await session.execIfKnown("reload cancel", step);
  return isBack;
}

function failureOf(
  outcome: Outcome,
  codes: Record<Outcome, ConstructorParameters<typeof SafeguardError>[0]["code"]>,
  object: string,
  step = "enter configuration mode",
  cause = "",
): SafeguardError | PartiallyApplied {
  const failure = new SafeguardError({ code: codes[outcome], object, step, cause });
  if (outcome === "back") return failure;
  return new PartiallyApplied(failure, { isOutcomeUnknown: outcome === "unknown" });
}

function loginLimit(end: number): number {
  return Math.max(1, Math.min(LOGIN_LIMIT_SECONDS, (end - performance.now()) / 1000));
}
