import type { OperationContext } from "../../core/context";
import { converge, recorded } from "../../router/linux/apply/converge";
import { mannerOf, stateOf, wantedBy } from "../../router/linux/apply/holdings";
import { NOTHING } from "../../router/linux/model/desired";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

/**
 * Puts the redirections on the router. The id names the router and the redirections it began with:
 * `10.0.0.1:22/rdp,ssh`.
 * @throws SafeguardError SG3001 to SG3301 while the router is as it was; PartialFailure afterwards.
 */
export async function create(
  inputs: RouterRedirectionKnown,
  context: OperationContext,
): Promise<{ id: string; state: RouterRedirectionState }> {
  const { router, redirections } = inputs;
  const id = `${router.address}:${router.port}/${redirections.map(({ name }) => name).join(",")}`;
  const wish = { ...mannerOf(inputs), desired: wantedBy(inputs), owned: NOTHING, isAdopting: inputs.adopt };
  try {
    const { found, confirmation } = await converge(router, wish, context);
    return { id, state: stateOf(inputs, found, confirmation) };
  } catch (error) {
    throw recorded(error, id, inputs);
  }
}
