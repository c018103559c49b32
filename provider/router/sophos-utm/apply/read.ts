import type { SophosUtmConnection } from "../../../core/connection";
import { ownerText } from "../../owner";
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
    const own = redirectionNames(owned).filter((name) => {
      const owner = recordedOwner(name, found, owned.owner);
      if (!owner || !owned.owner || owner.id === owned.owner.id) return true;
      context.log.warn(`${client.object}: redirection ${name} belongs to ${ownerText(owner)}`);
      return false;
    });
    if (own.every((name) => partsOf(name, found).length === 0)) return undefined;
    return readingOf(
      { ...wanted, legs: wanted.legs.filter(({ redirection }) => own.includes(redirection.name)) },
      found,
    );
  });
}
