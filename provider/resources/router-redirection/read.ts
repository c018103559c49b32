import type { OperationContext } from "../../core/context";
import { onRouter } from "../../router/guard/session/connect";
import { routerObject } from "../../router/guard/session/ssh-target";
import { ownedBy, stateOf, wantedBy } from "../../router/linux/apply/holdings";
import { resolved } from "../../router/linux/model/resolve";
import { isPersisted } from "../../router/linux/persistence/plan";
import { isChainAbsent } from "../../router/linux/plan/lines";
import { requireReadable } from "../../router/linux/plan/preconditions";
import { readScope } from "../../router/linux/read/read-script";
import { bypassTexts } from "../../router/linux/watchdog/bypassed";
import { inputsOf, type RouterRedirectionState } from "./schema";

/**
 * What is on the router now. Undefined when none of the redirections is there any more, neither chain nor jump nor what
 * would bring it back with a restart; a router that cannot be asked is an error.
 * @throws SafeguardError SG3001 to SG3102.
 */
export async function read(
  id: string,
  state: RouterRedirectionState,
  context: OperationContext,
): Promise<{ id: string; state: RouterRedirectionState; inputs: Record<string, unknown> } | undefined> {
  const owned = ownedBy(state);
  const found = await onRouter(state.router, context, async (session) => {
    const there = await session.read(readScope(owned, wantedBy(state)));
    requireReadable(owned, there, session.object);
    return there;
  });
  const isGone = owned.chains.every(
    (chain) => isChainAbsent(chain, found) && !isPersisted(chain.redirection.name, found),
  );
  if (isGone) return undefined;
  for (const text of bypassTexts(resolved(wantedBy(state), found), found)) {
    context.log.warn(`${routerObject(state.router)}: ${text}`);
  }
  const now: RouterRedirectionState = {
    ...stateOf(state, found, state),
    ...(state.unfinished && { unfinished: state.unfinished }),
  };
  return { id, state: now, inputs: inputsOf(now) };
}
