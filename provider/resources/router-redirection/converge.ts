import type { RouterConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { messageOf, PartialFailure } from "../../core/errors";
import type { Known } from "../../core/unknown";
import type { Protection } from "../../router/linux/guard-scripts";
import { bringTo, HalfDone, type Reached, type Wish } from "./bring-to";
import { onRouter } from "./connect";
import { drain } from "./drain";
import { stateOf } from "./holdings";
import { newProtection } from "./protect";
import type { Holdings, RouterRedirectionKnown, RouterRedirectionState } from "./schema";

/**
 * Brings a router to what is wanted over one connection, once sessions have ended that are to end first. When the answer is lost, it logs in once more and reads what
 * became of it.
 * @throws SafeguardError when the router is as it was; HalfDone otherwise.
 */
export async function converge(
  router: Known<RouterConnection>,
  wish: Wish,
  context: OperationContext,
): Promise<Reached> {
  await drain(router, wish, context);
  const protection = newProtection(wish.windowSeconds);
  const attempt = (protectedBy: Protection, lost?: Protection) =>
    onRouter(router, context, (session) => bringTo(session, { ...wish, protection: protectedBy, lost }, context));
  try {
    return await attempt(protection);
  } catch (error) {
    if (!(error instanceof HalfDone) || !error.isOutcomeUnknown || context.signal.aborted) throw error;
    context.log.warn(`${error.failure.message}; logging in again to see`);
    return await attempt(newProtection(wish.windowSeconds), protection).catch((second: unknown) => {
      if (second instanceof HalfDone) throw second;
      throw new HalfDone(error.failure, true);
    });
  }
}

/** What to throw for a failed create or update: with id and partial state as soon as the router may have changed. */
export function recorded(error: unknown, id: string, inputs: RouterRedirectionKnown, unfinished?: Holdings): unknown {
  if (!(error instanceof HalfDone)) return error;
  const state: RouterRedirectionState = {
    ...stateOf(inputs, error.found, error.confirmation),
    ...(unfinished && { unfinished: { redirections: unfinished.redirections, linux: unfinished.linux } }),
  };
  const reasons = [messageOf(error), "the next pulumi up reads the router and goes on from what is there"];
  return new PartialFailure(id, { ...state }, reasons, { cause: error });
}
