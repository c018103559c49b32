import type { RouterConnection } from "../../../core/connection";
import type { OperationContext } from "../../../core/context";
import { messageOf, PartialFailure } from "../../../core/errors";
import type { Known } from "../../../core/unknown";
import type {
  Holdings,
  RouterRedirectionKnown,
  RouterRedirectionState,
} from "../../../resources/router-redirection/schema";
import { routerError } from "../../failures";
import type { Protection } from "../../guard/scripts/guard-scripts";
import { newProtection } from "../../guard/session/confirm";
import { onRouter } from "../../guard/session/connect";
import { routerObject } from "../../guard/session/ssh-target";
import { bringTo, HalfDone, type Reached, type Wish } from "./apply-once";
import { awaitSessions } from "./await-sessions";
import { stateOf } from "./holdings";

/**
 * Brings a router to what is wanted. Where sessions have to end first, that is a second transaction once they have,
 * which only takes away.
 * @throws SafeguardError when the router is as it was; HalfDone otherwise.
 */
export async function converge(
  router: Known<RouterConnection>,
  wish: Wish,
  context: OperationContext,
): Promise<Reached> {
  const { awaited = [], ...reached } = await reach(router, wish, context);
  if (awaited.length === 0) return reached;
  const object = routerObject(router);
  try {
    await awaitSessions(router, awaited, wish.removal, object, context);
    const rest: Wish = {
      ...wish,
      // What is left was proved already.
      probe: { ...wish.probe, path: "off", traffic: "off" },
      removal: { ...wish.removal, connections: "cut" },
    };
    const { found, confirmation } = await reach(router, rest, context);
    return { found, confirmation: reached.confirmation ?? confirmation };
  } catch (error) {
    const cause = `new connections are no longer redirected to SPS ${awaited.map(({ gateway }) => gateway).join(", ")}, but its sessions still are: ${messageOf(error instanceof HalfDone ? error.failure : error)}`;
    const failure = routerError("notDrained", { object, step: "await the end of sessions", cause }, { cause: error });
    throw new HalfDone(failure, false, reached.found, reached.confirmation);
  }
}

/** One transaction over one connection. When the answer is lost, it logs in once more and reads what became of it. */
async function reach(router: Known<RouterConnection>, wish: Wish, context: OperationContext): Promise<Reached> {
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

/**
 * What to throw for a failed create or update: with id and partial state as soon as a router may have changed, of
 * which `isBegun` tells where the failure itself does not.
 */
export function recorded(
  error: unknown,
  id: string,
  inputs: RouterRedirectionKnown,
  { unfinished, isBegun = false }: { unfinished?: Holdings | undefined; isBegun?: boolean } = {},
): unknown {
  if (!(error instanceof HalfDone) && !isBegun) return error;
  const { found, confirmation } = error instanceof HalfDone ? error : {};
  const state: RouterRedirectionState = {
    ...stateOf(inputs, found, confirmation),
    ...(unfinished && { unfinished: { redirections: unfinished.redirections, linux: unfinished.linux } }),
  };
  const reasons = [messageOf(error), "the next pulumi up reads the router and goes on from what is there"];
  return new PartialFailure(id, { ...state }, reasons, { cause: error });
}
