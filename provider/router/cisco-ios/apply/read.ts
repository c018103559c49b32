import type { CiscoRouterConnection } from "../../../core/connection";
import { namesStillOwned } from "../../planning/ownership";
import type { PlatformContext, RouterReading } from "../../platform";
import { type Desired, redirectionNames } from "../model/desired";
import type { Found } from "../model/found";
import type { CiscoIosStatus, ProtectionKind } from "../model/status";
import { accessListsOf, planContext, recordedOwner, withFound } from "../plan/decision";
import { counterOutputs, foundLines, interfaceOutputs, statusOf } from "../plan/outputs";
import { isInSync } from "../plan/plan";
import { redirectionOf } from "../plan/sequences";
import { silenceWarnings } from "../plan/watch-states";
import { watchesOf } from "../plan/watches";
import { withIosSession } from "./connect";
import type { IosSession } from "./ios-session";
import { protectionOf, readProtection, readRunning, readStartup, readWatches } from "./router-state";

/**
 * Reads what is left of the owned redirections on a router; undefined when nothing is left. Redirections that belong to
 * another resource by now are reported and count as missing.
 * @throws SafeguardError when the router cannot be read
 */
export async function read(
  router: CiscoRouterConnection,
  wanted: Desired,
  owned: Desired,
  context: PlatformContext,
): Promise<RouterReading<CiscoIosStatus> | undefined> {
  return await withIosSession(router, context, async (session) => {
    const { object } = session;
    const { found } = await readRunning(session);
    const recorded = (name: string) => recordedOwner(accessListsOf(name, found));
    const warn = (text: string) => context.log.warn(`${object}: ${text}`);
    const names = namesStillOwned(redirectionNames(owned), owned.owner, recorded, warn);
    const isOwn = (name: string) => names.includes(name);
    const isLeft =
      names.some((name) => accessListsOf(name, found).length > 0) ||
      found.sequences.some((one) => isOwn(redirectionOf(one, found) ?? "")) ||
      watchesOf(found).some(({ ownerId }) => ownerId === owned.owner?.id);
    if (!isLeft) return undefined;
    const own = { ...wanted, legs: wanted.legs.filter(({ redirection }) => isOwn(redirection.name)) };
    const startup = wanted.isPersistent ? await readStartup(session) : undefined;
    const plan = planContext(found, { wanted: own, owned, isAdopting: false }, object);
    const isSaved = startup !== undefined && isInSync(withFound(plan, startup.found));
    const protection = protectionOf(await readProtection(session), wanted.isReloadAllowed);
    const reading = await readingOf(session, own, found, protection, isSaved);
    for (const text of silenceWarnings(own, reading.status.watches)) warn(text);
    return reading;
  });
}

/** The part of a reading that goes to the state, with the counters of the router. */
export async function readingOf(
  session: IosSession,
  wanted: Desired,
  found: Found,
  protection: ProtectionKind,
  isSaved: boolean,
): Promise<RouterReading<CiscoIosStatus>> {
  const step = "read the counters";
  const accessLists = await session.execIfKnown("show ip access-lists", step);
  const routeMaps = await session.execIfKnown("show route-map", step);
  const isCounting = accessLists !== undefined && routeMaps !== undefined;
  const watches = await readWatches(session, wanted, found);
  return {
    rules: foundLines(wanted, found, isSaved),
    interfaces: interfaceOutputs(wanted, found),
    counters: isCounting ? counterOutputs(wanted, accessLists, routeMaps) : [],
    status: statusOf(wanted, found, protection, watches),
  };
}
