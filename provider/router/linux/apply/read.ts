import type { RouterConnection } from "../../../core/connection";
import { withSession } from "../../guard/session/connect";
import { ownerText } from "../../owner";
import type { PlatformContext, RouterReading } from "../../platform";
import type { Chain, Desired } from "../model/desired";
import type { LinuxStatus } from "../model/status";
import { decide, otherOwner } from "../plan/decision";
import { isGone } from "../plan/gone";
import { readingOf } from "../plan/outputs";
import { requireReadable } from "../plan/preconditions";
import { readWarnings } from "../plan/warnings";
import { readScope } from "../read/read-script";
import { linuxSession } from "./linux-session";

/**
 * Reads what is left of the owned redirections on a router; undefined when nothing is left. Redirections that
 * belong to another resource by now are reported and count as missing.
 * @throws SafeguardError when the router cannot be read
 */
export async function read(
  router: RouterConnection,
  wanted: Desired,
  owned: Desired,
  context: PlatformContext,
): Promise<RouterReading<LinuxStatus> | undefined> {
  return await withSession(router, context, async (shell) => {
    const session = linuxSession(shell);
    const { object } = session;
    const found = await session.read(readScope(owned, wanted));
    requireReadable({ owned, found, object });
    const otherOwnerOf = (chain: Chain) => otherOwner(chain, owned.owner, found);
    const isOwn = (chain: Chain) => otherOwnerOf(chain) === undefined;
    for (const chain of owned.chains) {
      const other = otherOwnerOf(chain);
      if (other) context.log.warn(`${object}: redirection ${chain.redirection.name} belongs to ${ownerText(other)}`);
    }
    const own = owned.chains.filter(isOwn);
    if (isGone({ ...owned, chains: own }, found)) return undefined;
    const decision = decide({ ...wanted, chains: wanted.chains.filter(isOwn) }, found);
    for (const text of readWarnings(decision)) context.log.warn(`${object}: ${text}`);
    return readingOf(decision);
  });
}
