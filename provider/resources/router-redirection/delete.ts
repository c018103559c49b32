import type { OperationContext } from "../../core/context";
import { HalfDone } from "../../router/linux/apply/apply-once";
import { converge } from "../../router/linux/apply/converge";
import { mannerOf, ownedBy } from "../../router/linux/apply/holdings";
import { NOTHING } from "../../router/linux/model/desired";
import type { RouterRedirectionState } from "./schema";

/**
 * Takes the redirections off the router, and with the last one to an SPS the way there. Established connections
 * through SPS are reset by that. What is gone already is no error.
 * @throws SafeguardError SG3001 to SG3304.
 */
export async function remove(_id: string, state: RouterRedirectionState, context: OperationContext): Promise<void> {
  const wish = { ...mannerOf(state), desired: NOTHING, owned: ownedBy(state), isAdopting: false };
  await converge(state.router, wish, context).catch((error: unknown) => {
    throw error instanceof HalfDone ? error.failure : error;
  });
}
