import type { RouterConnection } from "../../../core/connection";
import { parseTrials, trialText } from "../../guard/scripts/path-trials";
import { withSession } from "../../guard/session/connect";
import type { PathTarget, PathTrial } from "../../planning/paths";
import type { PlatformContext } from "../../platform";

/**
 * Tries the way to addresses from the router, without changing it.
 * @throws SafeguardError when the router cannot be reached
 */
export async function tryPaths(
  router: RouterConnection,
  targets: readonly PathTarget[],
  context: PlatformContext,
): Promise<PathTrial[]> {
  return await withSession(router, context, async (shell) => {
    const { stdout } = await shell.run(trialText(targets), "try the ways to SPS");
    return parseTrials(stdout, targets);
  });
}
