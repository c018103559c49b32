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
  const identity = platform.identify(state.router);
  const change = {
    connection: state.router,
    owned: ownedBy(platform, state, context.resource),
    isAdopting: false,
    applyOptions: applyOptionsOf(state),
  };
  const { left, confirmation } = await platform.remove(change, platformContext(identity, context));
  const names = state.redirections.map(({ name }) => name).filter((name) => !left.includes(name));
  if (confirmation) for (const text of removedTexts(identity.object, names)) context.log.warn(text);
  else if (names.length > 0)
    context.log.info(`${identity.object}: no part of redirection ${names.join(", ")} was left`);
}

/** What a removed redirection means for its traffic. */
export const UNRECORDED = "new connections go direct and are NOT recorded";

/** What the removal of redirections means for their traffic, one line each. */
export function removedTexts(object: string, names: readonly string[]): string[] {
  return names.map((name) => `${object}: redirection ${name} removed: ${UNRECORDED}`);
}
