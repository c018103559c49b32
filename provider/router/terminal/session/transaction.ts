import { setTimeout as pause } from "node:timers/promises";
import { causeOf, type ErrorCode, messageOf, SafeguardError } from "../../../core/errors";
import { PartiallyApplied, type PlatformContext } from "../../platform";
import { type Batch, batchesOf } from "../batches";
import type { Awaiting, CommandStep } from "../steps";
import { type CommandLine, CommandRefused } from "./command-line";
import type { WithNewLogin } from "./connect";

/** Time limit of one login for the confirmation or a rollback, in seconds. */
const LOGIN_LIMIT_SECONDS = 10;

/** How long after the commit window the router may need for the rollback, in seconds. */
const GRACE_SECONDS = 15;

/** Between two looks at an output that a step waits for. */
const AWAIT_PAUSE_MILLISECONDS = 250;

/** Logins for the confirmation before everything is rolled back. */
const CONFIRM_ATTEMPTS = 2;

/** How one kind of router makes changes, and takes them back. */
export interface Procedure<Session> {
  /** Whether the router rolls back by itself when this program does nothing more. */
  isRollingBackAlone: boolean;
  /** Prepares for the first command. @throws SafeguardError SG3010 or SG3305 when nothing was changed */
  begin(): Promise<void>;
  /** Called before the commands of steps. @throws NotConfirmed when they must not be entered any more */
  beforeSteps?(steps: readonly CommandStep[]): Promise<void>;
  /** Ends the changes. */
  finish(): Promise<void>;
  /** Has the changes checked over a new login, and keeps them. @throws NotConfirmed to have them rolled back */
  confirm<T>(fresh: Session, check: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Undoes the steps, and no others: what these would undo may be of others.
   * @returns whether the configuration is as before; throws when the session is lost
   */
  restore(session: Session, begun: readonly CommandStep[]): Promise<boolean>;
}

/** Changes of one router that are made, confirmed or rolled back as one. */
export interface Transaction<Session> {
  session: Session;
  withNewLogin: WithNewLogin<Session>;
  context: PlatformContext;
  steps: readonly CommandStep[];
  windowSeconds: number;
  procedure: Procedure<Session>;
}

/** The changes cannot stay although the session works. They are rolled back. */
export class NotConfirmed extends Error {}

/**
 * Makes changes and has them checked over a new login. `check` throws NotConfirmed to have them rolled back.
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function runTransaction<Session extends CommandLine, T>(
  transaction: Transaction<Session>,
  check: (session: Session) => Promise<T>,
): Promise<T> {
  const { session, context, windowSeconds, procedure } = transaction;
  const { object } = session;
  const end = performance.now() + windowSeconds * 1000;
  const begun: CommandStep[] = [];
  let current: readonly CommandStep[] = [];
  try {
    await procedure.begin();
    for (const batch of batchesOf(transaction.steps)) {
      current = batch.steps;
      // The router rolls back by then, and what is entered later would stay.
      if (procedure.isRollingBackAlone && performance.now() >= end)
        throw new NotConfirmed(`the commit window of ${windowSeconds} s expired`);
      await procedure.beforeSteps?.(batch.steps);
      await enter(session, batch, begun);
      for (const { awaits } of batch.steps) if (awaits) await awaitOutputs(session, awaits, windowSeconds, context);
    }
    await procedure.finish();
  } catch (error) {
    if (begun.length === 0 && error instanceof SafeguardError && ["SG3010", "SG3305"].includes(error.code)) throw error;
    context.log.status(`${object}: rolling the changes back`);
    const isAlive = error instanceof CommandRefused || error instanceof NotConfirmed;
    const outcome = await rollBack(transaction, begun, end, isAlive);
    const cause = isAlive ? messageOf(error) : `the session was lost: ${causeOf(error)}`;
    const refused = error instanceof CommandRefused ? error.command : undefined;
    const step = current.find(({ commands }) => commands.some((command) => command === refused)) ?? current[0];
    const codes = { back: "SG3301", bad: "SG3302", unknown: "SG3304" } as const;
    throw failureOf(outcome, codes, object, step?.title, cause);
  }
  const confirmed = await confirm(transaction, end, check);
  if ("result" in confirmed) return confirmed.result;
  context.log.status(`${object}: rolling the changes back`);
  const outcome = await rollBack(transaction, begun, end, true);
  const codes = { back: "SG3306", bad: "SG3307", unknown: "SG3308" } as const;
  throw failureOf(outcome, codes, object, "confirm the changes", confirmed.cause);
}

/** Enters the commands of steps. Adds those to `begun` of which a command was executed, or may have been. */
async function enter(session: CommandLine, { steps, sendings }: Batch, begun: CommandStep[]): Promise<void> {
  const add = (executed: readonly string[]) => {
    const whole = new Set(executed);
    begun.push(...steps.filter((step) => !begun.includes(step) && step.commands.some((one) => whole.has(one))));
  };
  // Without commands, it only waits.
  begun.push(...steps.filter(({ commands }) => commands.length === 0));
  for (const sending of sendings) {
    const [only = "", ...more] = sending;
    const sent = more.length === 0 ? session.configure(only) : session.configureTogether(sending);
    await sent.catch((error: unknown) => {
      // The undo of a step of which nothing exists could remove objects of others.
      add(error instanceof CommandRefused ? error.executed : sending);
      throw error;
    });
    add(sending);
  }
}

/**
 * Waits for outputs. One that does not come is reported, and the check of the changes decides.
 * @throws NotConfirmed when a required one does not come without an excuse
 */
async function awaitOutputs(
  session: CommandLine,
  { limitSeconds, outputs }: Awaiting,
  windowSeconds: number,
  { log, signal }: PlatformContext,
): Promise<void> {
  const start = performance.now();
  // The rest of the commit window is for the steps that follow and their confirmation.
  const limit = Math.round(Math.min(limitSeconds, windowSeconds / 4));
  let pending = [...outputs];
  const has = async ({ command, output }: { command: string; output: RegExp }, title: string) =>
    output.test(await session.exec(command, `wait for ${title}`));
  for (;;) {
    const left: typeof pending = [];
    for (const one of pending) if (!(await has(one, one.title))) left.push(one);
    pending = left;
    const seconds = Math.round((performance.now() - start) / 1000);
    if (pending.length === 0 || seconds >= limit) break;
    const titles = pending.map(({ title }) => title).join(", ");
    log.status(`${session.object}: waiting for ${titles} (${seconds} s of ${limit} s)`);
    await pause(AWAIT_PAUSE_MILLISECONDS, undefined, { signal });
  }
  for (const one of pending) {
    const isExcused = !one.isRequired || (one.excuse !== undefined && (await has(one.excuse, one.title)));
    if (!isExcused) throw new NotConfirmed(one.missed(limit));
    log.warn(`${session.object}: ${one.missed(limit)}`);
  }
}

/** Checks the changes over a new login and ends the protection. A login that fails is repeated once. */
async function confirm<Session extends CommandLine, T>(
  { withNewLogin, session: { object }, context, procedure, windowSeconds }: Transaction<Session>,
  end: number,
  check: (session: Session) => Promise<T>,
): Promise<{ result: T } | { cause: string }> {
  let cause = `the commit window of ${windowSeconds} s expired before a login was possible`;
  for (let attempt = 0; attempt < CONFIRM_ATTEMPTS && performance.now() < end; attempt += 1) {
    context.log.status(`${object}: logging in again and checking the changes`);
    try {
      return { result: await withNewLogin(loginLimit(end), (fresh) => procedure.confirm(fresh, check)) };
    } catch (error) {
      if (procedure.isRollingBackAlone) context.signal.throwIfAborted();
      if (error instanceof NotConfirmed) return { cause: error.message };
      cause = `no new login after the changes: ${causeOf(error)}`;
    }
  }
  return { cause };
}

type Outcome = "back" | "bad" | "unknown";

/** Rolls back over this session or new logins. Without any, the router may do it itself, and this waits for it. */
async function rollBack<Session extends CommandLine>(
  { session, withNewLogin, context, procedure }: Transaction<Session>,
  begun: readonly CommandStep[],
  end: number,
  isSessionAlive: boolean,
): Promise<Outcome> {
  const over = async (one: Session): Promise<Outcome> => ((await procedure.restore(one, begun)) ? "back" : "bad");
  const isCancellable = procedure.isRollingBackAlone;
  const ignore = (): undefined => {
    if (isCancellable) context.signal.throwIfAborted();
  };
  const now = isSessionAlive ? await over(session).catch(ignore) : undefined;
  if (now) return now;
  // Where only this program rolls back, it tries also after the window.
  const limit = (isCancellable ? end : Math.max(end, performance.now())) + GRACE_SECONDS * 1000;
  while (performance.now() < limit) {
    const later = await withNewLogin(loginLimit(limit), over, { evenIfCancelled: !isCancellable }).catch(ignore);
    if (later) return later;
    const left = Math.ceil((limit - performance.now()) / 1000);
    context.log.status(`${session.object}: waiting for a login to roll the changes back, ${left} s at most`);
    await pause(500, undefined, isCancellable ? { signal: context.signal } : {});
  }
  return "unknown";
}

function failureOf(
  outcome: Outcome,
  codes: Record<Outcome, ErrorCode>,
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
