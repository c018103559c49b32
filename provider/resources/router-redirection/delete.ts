import type { OperationContext } from "../../core/context";
import { type Platforms, platformContext } from "../../router/platform";
import type { RouterRedirectionState } from "./schema";
import { applyOptionsOf, ownedBy, platformOf } from "./state";

/**
 * Removes everything that the resource owns on a router.
 * @throws SafeguardError; PartiallyApplied
 */
export async function remove(
  platforms: Platforms,
  state: RouterRedirectionState,
  context: OperationContext,
): Promise<void> {
  const platform = platformOf(platforms, state);
  const { router } = state;
  const change = {
    connection: router,
    owned: ownedBy(platform, state),
    isAdopting: false,
    applyOptions: applyOptionsOf(state),
  };
  await platform.remove(change, platformContext(platform.identify(router), context));
}
