import { setTimeout as pause } from "node:timers/promises";
import { type ErrorCode, messageOf, SafeguardError } from "../../../core/errors";
import { PartiallyApplied, type PlatformContext } from "../../platform";
import type { Found, FoundObject } from "../model/found";
import { redirectionOf } from "../model/names";
import { type Plan, type Step, titleOf, undoOf } from "../plan/steps";
import type { WithNewConnection } from "./connect";
import { StepExecutor } from "./execute";
import { readRouter } from "./router-state";
import type { UtmClient } from "./utm-client";

/** How long after the commit window this program goes on trying to roll back, in seconds. */
const GRACE_SECONDS = 5;

/** Connections for the confirmation before everything is rolled back. */
const CONFIRM_ATTEMPTS = 2;

/** Changes of one router that are made, confirmed or rolled back as one. */
export interface Transaction {
  client: UtmClient;
  withNewConnection: WithNewConnection;
  context: PlatformContext;
  before: Found;
  plan: Plan;
  isOverridingLocks: boolean;
  windowSeconds: number;
  /** The changes that are still missing. */
  planAgain(found: Found): Plan;
}

/** A check failed. The changes are rolled back. */
class NotVerified extends Error {}

/**
 * Makes the changes before the confirmation, and confirms them over a new connection. Only this program can roll them back.
 * @returns the configuration as the new connection reads it
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function runTransaction(transaction: Transaction): Promise<Found> {
  const { client, context, windowSeconds } = transaction;
  const end = performance.now() + windowSeconds * 1000;
  const begun: Step[] = [];
  try {
    await makeChanges(transaction, begun);
  } catch (error) {
    const step = begun.at(-1);
    if (!step) throw error;
    context.log.status(`${client.object}: rolling the changes back`);
    const outcome = await rollBack(transaction, begun, end);
    const codes = { back: "SG3301", bad: "SG3302", unknown: "SG3304" } as const;
    throw failureOf(outcome, codes, client.object, titleOf(step), causeOf(error));
  }
  const confirmed = await confirm(transaction, end);
  if ("found" in confirmed) return confirmed.found;
  context.log.status(`${client.object}: rolling the changes back`);
  const outcome = await rollBack(transaction, begun, end);
  const codes = { back: "SG3306", bad: "SG3307", unknown: "SG3308" } as const;
  throw failureOf(outcome, codes, client.object, "confirm the changes", confirmed.cause);
}

/** New policy routes are off until they read back as planned. */
async function makeChanges(transaction: Transaction, begun: Step[]): Promise<void> {
  const { client, before, plan, isOverridingLocks, planAgain } = transaction;
  const executor = new StepExecutor(client, before, isOverridingLocks);
  const execute = async (step: Step) => {
    begun.push(step);
    if (step.kind === "create") await executor.create(step);
    if (step.kind === "change") await executor.change(step);
  };
  for (const step of plan.prepare) await execute(step);
  if (plan.prepare.length > 0) requireDone(planAgain(await readRouter(client)).prepare);
  for (const step of plan.activate) await execute(step);
}

/** A connection that fails is repeated once. */
async function confirm(
  { withNewConnection, client: { object }, context, planAgain }: Transaction,
  end: number,
): Promise<{ found: Found } | { cause: string }> {
  let cause = "the commit window has expired";
  for (let attempt = 0; attempt < CONFIRM_ATTEMPTS && performance.now() < end; attempt += 1) {
    context.log.status(`${object}: checking the changes over a new connection`);
    try {
      const found = await withNewConnection(readRouter);
      const { prepare, activate } = planAgain(found);
      requireDone([...prepare, ...activate]);
      return { found };
    } catch (error) {
      if (error instanceof NotVerified) return { cause: error.message };
      cause = `no new connection after the changes: ${causeOf(error)}`;
    }
  }
  return { cause };
}

function requireDone(missing: readonly Step[]): void {
  const [first] = missing;
  if (first) throw new NotVerified(`the configuration read back differs: it still needs "${titleOf(first)}"`);
}

type Outcome = "back" | "bad" | "unknown";

/** Rolls back over new connections, also after a cancel: nothing else would. */
async function rollBack(transaction: Transaction, begun: readonly Step[], end: number): Promise<Outcome> {
  const { withNewConnection, context, client } = transaction;
  const limit = end + GRACE_SECONDS * 1000;
  do {
    try {
      return await withNewConnection((one) => rollBackOver(one, transaction, begun), { evenIfCancelled: true });
    } catch {
      // The next attempt tells what is left; the first cause is reported.
      const left = Math.ceil((limit - performance.now()) / 1000);
      context.log.status(`${client.object}: waiting for a connection to roll the changes back, ${left} s at most`);
      await pause(500);
    }
  } while (performance.now() < limit);
  return "unknown";
}

async function rollBackOver(
  client: UtmClient,
  { before, isOverridingLocks }: Transaction,
  begun: readonly Step[],
): Promise<Outcome> {
  const executor = new StepExecutor(client, await readRouter(client), isOverridingLocks);
  const users: string[] = [];
  for (const step of [...begun].reverse()) {
    const undo = undoOf(step);
    if (undo?.kind === "change") await executor.change(undo);
    if (undo?.kind === "delete") users.push(...(await executor.delete(undo)));
  }
  const isBack = users.length === 0 && ownParts(await readRouter(client)) === ownParts(before);
  return isBack ? "back" : "bad";
}

/** The objects of all redirections as text, without what the product resolves by itself. */
function ownParts({ definitions, routes }: Found): string {
  const parts = ({ type, reference, name, comment, values }: FoundObject) => {
    const lasting = Object.entries(values).filter(([attribute]) => !attribute.startsWith("resolved"));
    return { type, reference, name, comment, values: lasting.sort() };
  };
  const own = [...definitions, ...routes].filter(({ name }) => redirectionOf(name) !== undefined);
  const listed = routes.filter(({ position }) => position > 0).map(({ reference }) => reference);
  return JSON.stringify([own.map(parts), listed]);
}

function failureOf(
  outcome: Outcome,
  codes: Record<Outcome, ErrorCode>,
  object: string,
  step: string,
  cause: string,
): SafeguardError | PartiallyApplied {
  const failure = new SafeguardError({ code: codes[outcome], object, step, cause });
  if (outcome === "back") return failure;
  return new PartiallyApplied(failure, { isOutcomeUnknown: outcome === "unknown" });
}

export function causeOf(error: unknown): string {
  return error instanceof SafeguardError ? error.text.cause : messageOf(error);
}
