import { setTimeout as pause } from "node:timers/promises";
import { causeOf, type ErrorCode, SafeguardError } from "../../../core/errors";
import { AnswerLost } from "../../../https/failures";
import { PartiallyApplied, type PlatformContext } from "../../platform";
import type { Found, FoundObject } from "../model/found";
import { type Plan, type Step, titleOf, undoOf } from "../plan/steps";
import type { WithNewConnection } from "./connect";
import { StepExecutor } from "./execute";
import { readRouter } from "./router-state";
import { RequestRefused, type UtmClient } from "./utm-client";

/** How long after the commit window this program goes on trying to roll back, in seconds. */
const GRACE_SECONDS = 5;

/** How long after a lost answer the router may still carry the request out, in seconds. */
const SETTLE_SECONDS = 3;

/** Connections for the confirmation before everything is rolled back. */
const CONFIRM_ATTEMPTS = 2;

/** Changes of one router that are made, confirmed or rolled back as one. */
export interface Transaction {
  client: UtmClient;
  withNewConnection: WithNewConnection;
  context: PlatformContext;
  before: Found;
  plan: Plan;
  /** References of the policy routes of others that the changes turn off. */
  adopted: ReadonlySet<string>;
  isOverridingLocks: boolean;
  windowSeconds: number;
  /** Whether an object is of the resource that makes the changes. */
  isOurs(object: FoundObject): boolean;
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
    let rollback = await rollBack(transaction, begun, end);
    if (rollback.outcome === "back" && mayStillHappen(error)) {
      context.log.status(`${client.object}: reading again in ${SETTLE_SECONDS} s, because an answer was lost`);
      await pause(SETTLE_SECONDS * 1000);
      rollback = await rollBack(transaction, begun, Math.max(end, performance.now()));
    }
    const codes = { back: "SG3301", bad: "SG3302", unknown: "SG3304" } as const;
    const title = error instanceof RequestRefused ? error.text.step : titleOf(step);
    throw failureOf(rollback, codes, client.object, title, causeOf(error));
  }
  const confirmed = await confirm(transaction, end);
  if ("found" in confirmed) return confirmed.found;
  context.log.status(`${client.object}: rolling the changes back`);
  const rollback = await rollBack(transaction, begun, end);
  const codes = { back: "SG3306", bad: "SG3307", unknown: "SG3308" } as const;
  throw failureOf(rollback, codes, client.object, "confirm the changes", confirmed.cause);
}

/** Whether the router may carry out a request after the reading that follows its failure. */
function mayStillHappen(error: unknown): boolean {
  return error instanceof AnswerLost || (error instanceof RequestRefused && error.isByGateway);
}

/** New policy routes are off until they read back as planned. */
async function makeChanges(transaction: Transaction, begun: Step[]): Promise<void> {
  const { client, context, before, plan, isOverridingLocks, planAgain } = transaction;
  const executor = new StepExecutor(client, before, isOverridingLocks);
  const execute = async (step: Step) => {
    context.signal.throwIfAborted();
    begun.push(step);
    try {
      if (step.kind === "create") {
        const reference = await executor.create(step);
        // Another object may get the same name before a rollback.
        begun[begun.length - 1] = { ...step, key: { ...step.key, reference } };
      }
      if (step.kind === "change") await executor.change(step);
    } catch (error) {
      if (error instanceof RequestRefused && error.isDefinite) begun.pop();
      throw error;
    }
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

/** What came of rolling back, and the objects that are not as before. */
interface Rollback {
  outcome: Outcome;
  left: string[];
  /** Whether another attempt may undo more. */
  isRepeatable: boolean;
}

/** Rolls back over new connections, also after a cancel: nothing else would. */
async function rollBack(transaction: Transaction, begun: readonly Step[], end: number): Promise<Rollback> {
  const { withNewConnection, context, client } = transaction;
  const limit = end + GRACE_SECONDS * 1000;
  let last: Rollback = { outcome: "unknown", left: [], isRepeatable: true };
  do {
    const left = Math.max(0, Math.ceil((limit - performance.now()) / 1000));
    try {
      last = await withNewConnection((one) => rollBackOver(one, transaction, begun), { evenIfCancelled: true });
      if (!last.isRepeatable) return last;
      context.log.status(`${client.object}: rolling the rest of the changes back, ${left} s at most`);
    } catch {
      // The next attempt tells what is left; the first cause is reported.
      last = { outcome: "unknown", left: [], isRepeatable: true };
      context.log.status(`${client.object}: waiting for a connection to roll the changes back, ${left} s at most`);
    }
    await pause(500);
  } while (performance.now() < limit);
  return last;
}

/** A refused step does not keep the others from being undone. */
async function rollBackOver(
  client: UtmClient,
  { before, adopted, isOurs, isOverridingLocks, context }: Transaction,
  begun: readonly Step[],
): Promise<Rollback> {
  const found = await readRouter(client);
  const isConcerned = (one: FoundObject) => isOurs(one) || adopted.has(one.reference);
  if (areOwnPartsSame(found, before, isConcerned)) return { outcome: "back", left: [], isRepeatable: false };
  const executor = new StepExecutor(client, found, isOverridingLocks);
  let isRepeatable = false;
  for (const step of [...begun].reverse()) {
    const undo = undoOf(withReference(step, found, before, isOurs));
    try {
      if (undo?.kind === "change") await executor.change(undo);
      if (undo?.kind === "delete") await executor.delete(undo);
    } catch (error) {
      if (!undo || !(error instanceof RequestRefused)) throw error;
      context.log.warn(`${client.object}: roll back: ${titleOf(undo)}: ${causeOf(error)}`);
      isRepeatable ||= !error.isDefinite;
    }
  }
  const after = await readRouter(client);
  if (areOwnPartsSame(after, before, isConcerned)) return { outcome: "back", left: [], isRepeatable: false };
  return { outcome: "bad", left: differentParts(after, before, isConcerned), isRepeatable };
}

/** A step for a new object with the reference of this: it is one of this resource, while others may have the same name. */
function withReference(step: Step, found: Found, before: Found, isOurs: Transaction["isOurs"]): Step {
  const { type, name, reference } = step.key;
  if (reference !== undefined) return step;
  const known = new Set(partsOf(before).map((one) => one.reference));
  const made = partsOf(found).find(
    (one) => one.type === type && one.name === name && isOurs(one) && !known.has(one.reference),
  );
  // No object has an empty reference, so that nothing is changed.
  return { ...step, key: { type, name, reference: made?.reference ?? "" } };
}

const partsOf = ({ definitions, routes }: Found): FoundObject[] => [...definitions, ...routes];

/** Whether an object is of this resource, or replaced by it. */
type IsConcerned = (object: FoundObject) => boolean;

/** The names of changed objects that are not as before. */
function differentParts(after: Found, before: Found, isConcerned: IsConcerned): string[] {
  const [now, then] = [ownParts(after, isConcerned), ownParts(before, isConcerned)];
  const references = [...new Set([...now.keys(), ...then.keys()])];
  return references.flatMap((reference) => {
    const [one, other] = [now.get(reference), then.get(reference)];
    return one?.text === other?.text ? [] : (one?.title ?? other?.title ?? []);
  });
}

/**
 * Whether everything of the resource is as before, also its place among the policy routes. Others may have added and removed
 * policy routes of theirs meanwhile, also for redirections of their own.
 */
function areOwnPartsSame(now: Found, before: Found, isConcerned: IsConcerned): boolean {
  if (differentParts(now, before, isConcerned).length > 0) return false;
  const own = ownParts(before, isConcerned);
  const listed = ({ routes }: Found) => routes.filter(({ position }) => position > 0).map(({ reference }) => reference);
  const [here, there] = [new Set(listed(now)), new Set(listed(before))];
  const order = (found: Found, others: ReadonlySet<string>) =>
    listed(found).filter((reference) => own.has(reference) || others.has(reference));
  return order(now, there).join() === order(before, here).join();
}

/** The objects of the resource and adopted policy routes by reference, without what the product resolves by itself. */
function ownParts(found: Found, isConcerned: IsConcerned) {
  const text = ({ comment, values }: FoundObject) => {
    const lasting = Object.entries(values).filter(([attribute]) => !attribute.startsWith("resolved"));
    return JSON.stringify([comment, lasting.sort()]);
  };
  return new Map(
    partsOf(found)
      .filter(isConcerned)
      .map((one) => [one.reference, { title: `${one.type} ${one.name}`, text: text(one) }]),
  );
}

function failureOf(
  { outcome, left }: Rollback,
  codes: Record<Outcome, ErrorCode>,
  object: string,
  step: string,
  cause: string,
): SafeguardError | PartiallyApplied {
  const rest = left.length > 0 ? `; not as before: ${left.join(", ")}` : "";
  const failure = new SafeguardError({ code: codes[outcome], object, step, cause: cause + rest });
  if (outcome === "back") return failure;
  return new PartiallyApplied(failure, { isOutcomeUnknown: outcome === "unknown" });
}
