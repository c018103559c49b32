import type { OperationContext } from "../../core/context";
import { newOwnerId } from "../../router/owner";
import { type Platforms, platformContext } from "../../router/platform";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";
import { applyOptionsOf, platformOf, recorded, stateOf, wantedBy } from "./state";

/**
 * Creates the redirections on the router. The id holds the router and the names of its first redirections:
 * `10.0.0.1:22/rdp,ssh`.
 * @throws SafeguardError when the router is unchanged; PartialFailure otherwise
 */
export async function create(
  platforms: Platforms,
  inputs: RouterRedirectionKnown,
  context: OperationContext,
): Promise<{ id: string; state: RouterRedirectionState }> {
  const platform = platformOf(platforms, inputs);
  const identity = platform.identify(inputs.router);
  const id = `${identity.address}/${inputs.redirections.map(({ name }) => name).join(",")}`;
  const owned = { ...inputs, ownerId: newOwnerId() };
  const change = {
    connection: inputs.router,
    wanted: wantedBy(platform, owned, context.resource),
    isAdopting: inputs.adopt,
    applyOptions: applyOptionsOf(inputs),
  };
  try {
    const { reading, confirmation } = await platform.apply(change, platformContext(identity, context));
    return { id, state: stateOf(platform, owned, reading, confirmation) };
  } catch (error) {
    throw recorded(error, id, platform, owned);
  }
}
