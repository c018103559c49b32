import type { OperationContext } from "../../core/context";
import { type Platforms, platformContext } from "../../router/platform";
import type { RouterRedirectionState } from "./schema";
import { inputsOf, ownedBy, platformOf, stateOf } from "./state";

/**
 * Reads the redirections from the router; undefined when neither they nor the files that restore them at boot are left.
 * An unreadable router is an error.
 * @throws SafeguardError
 */
export async function read(
  platforms: Platforms,
  id: string,
  state: RouterRedirectionState,
  context: OperationContext,
): Promise<{ id: string; state: RouterRedirectionState; inputs: Record<string, unknown> } | undefined> {
  const platform = platformOf(platforms, state);
  const { router, unfinished } = state;
  const reading = await platform.read(
    router,
    ownedBy(platform, state, context.resource),
    platformContext(platform.identify(router), context),
  );
  if (!reading) return undefined;
  const now = { ...stateOf(platform, state, reading, state), ...(unfinished && { unfinished }) };
  return { id, state: now, inputs: inputsOf(platform, now) };
}
