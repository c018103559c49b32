import type { OperationContext } from "../../core/context";
import { messageOf, SafeguardError } from "../../core/errors";
import { routerError } from "../../router/failures";
import type { Desired } from "../../router/linux/desired";
import type { Found } from "../../router/linux/found";
import type { Claim } from "../../router/linux/in-the-way";
import { desiredLines, foundLines, isChainAbsent } from "../../router/linux/lines";
import { otherRedirections } from "../../router/linux/others";
import { planChanges } from "../../router/linux/plan";
import { requirePreconditions, reservations } from "../../router/linux/preconditions";
import { readScope } from "../../router/linux/read-script";
import { isAsWanted } from "./holdings";
import type { LinuxSession } from "./linux-session";

/** What a resource wants on its router, and what it has there. */
export interface Wish {
  desired: Desired;
  owned: Desired;
  isAdopting: boolean;
}

/** What is needed of a session on the router. */
export type Session = Pick<LinuxSession, "object" | "read" | "apply">;

/** A failure after which the router may hold part of the changes. */
export class HalfDone extends Error {
  constructor(
    readonly failure: SafeguardError,
    /** True when reading again may tell that all is well. */
    readonly isOutcomeUnknown: boolean,
    /** What is known to be there. */
    readonly found?: Found,
  ) {
    super(failure.message, { cause: failure });
    this.name = "HalfDone";
  }
}

/**
 * Brings the router to what is wanted and verifies it. Reads first and changes only what differs, so that it may be
 * repeated after any interruption. Everything that can be known to fail is found before the first change.
 * @throws SafeguardError when nothing was changed, or everything was put back; HalfDone otherwise.
 */
export async function bringTo(session: Session, wish: Wish, context: OperationContext): Promise<Found> {
  const { desired, owned, isAdopting } = wish;
  const { object } = session;
  const scope = readScope(desired, owned);
  context.log.status(`${object}: reading rules and routes`);
  const found = await session.read(scope);
  const claim: Claim = { object, found, owned, isAdopting, others: otherRedirections(found, desired, owned) };
  requirePreconditions(desired, claim);
  for (const text of reservations(desired, found)) context.log.warn(`${object}: ${text}`);
  const steps = planChanges(desired, claim);
  if (steps.length === 0) {
    context.log.info(`${object}: everything is as wanted, nothing to change`);
    return found;
  }
  context.log.status(`${object}: making ${steps.length} changes as one transaction`);
  const applied = await session.apply(steps, scope).catch((error: unknown) => {
    throw unknownOutcome(object, error instanceof SafeguardError ? error.text.cause : messageOf(error));
  });
  const { outcome } = applied;
  if (outcome.kind === "unclear") throw unknownOutcome(object, "the router's answer is incomplete");
  if (outcome.kind === "failed") {
    const text = { object, step: outcome.step, cause: outcome.message };
    if (outcome.isUndone) throw routerError("applyUndone", text);
    throw new HalfDone(routerError("applyNotUndone", text), false);
  }
  if (!("found" in applied)) throw unknownOutcome(object, "the router was not read back");
  verify(wish, applied.found, object);
  context.log.info(`${object}: made and verified ${steps.length} changes`);
  return applied.found;
}

function verify({ desired, owned }: Wish, found: Found, object: string): void {
  const step = "verify the changes";
  if (!isAsWanted(desired, found)) {
    const wanted = desiredLines(desired);
    const there = foundLines(desired, found);
    const missing = wanted.find((line) => !there.includes(line));
    const extra = there.find((line) => !wanted.includes(line));
    const cause = missing
      ? `"${missing}" is not there`
      : `"${extra ?? "the order of rules"}" is there and was not wanted`;
    throw new HalfDone(routerError("notAsWanted", { object, step, cause }), false, found);
  }
  const names = desired.chains.map((chain) => chain.name);
  const left = owned.chains.find((chain) => !names.includes(chain.name) && !isChainAbsent(chain, found));
  if (left) {
    const cause = `chain ${left.name} is still there`;
    throw new HalfDone(routerError("notAsWanted", { object, step, cause }), false, found);
  }
}

function unknownOutcome(object: string, cause: string): HalfDone {
  const text = { object, step: "change the router", cause: `the outcome is unknown: ${cause}` };
  return new HalfDone(routerError("outcomeUnknown", text), true);
}
