import type { SophosUtmConnection } from "../../../core/connection";
import { namesStillOwned } from "../../planning/ownership";
import type { PlatformContext, RouterReading } from "../../platform";
import { type Desired, redirectionNames } from "../model/desired";
import type { SophosUtmStatus } from "../model/status";
import { partsOf, recordedOwner } from "../plan/decision";
import { readingOf } from "../plan/outputs";
import { withUtm } from "./connect";
import { readRouter } from "./router-state";

/**
 * Reads what is left of the owned redirections on a router; undefined when nothing is left. Redirections that belong to
 * another resource by now are reported and count as missing.
 * @throws SafeguardError when the router cannot be read
 */
export async function read(
  router: SophosUtmConnection,
  wanted: Desired,
  owned: Desired,
  context: PlatformContext,
): Promise<RouterReading<SophosUtmStatus> | undefined> {
  return await withUtm(router, context, async (client) => {
    const found = await readRouter(client);
    const recorded = (name: string) => recordedOwner(name, found, owned.owner);
    const warn = (text: string) => context.log.warn(`${client.object}: ${text}`);
    const own = namesStillOwned(redirectionNames(owned), owned.owner, recorded, warn);
    if (own.every((name) => partsOf(name, found).length === 0)) return undefined;
    return readingOf(
      { ...wanted, legs: wanted.legs.filter(({ redirection }) => own.includes(redirection.name)) },
      found,
    );
  });
}
