import type { CheckPointConnection } from "../../../core/connection";
import { namesStillOwned } from "../../planning/ownership";
import type { PlatformContext, RouterReading } from "../../platform";
import { type Desired, redirectionNames } from "../model/desired";
import type { Facts, Found } from "../model/found";
import type { CheckPointStatus } from "../model/status";
import { recordedOwner, tablesOf } from "../plan/decision";
import { ownPartOf } from "../plan/match";
import { foundLines, interfacesOf, statusOf } from "../plan/outputs";
import { withClish } from "./connect";
import { readFacts, readIsSaved, readRunning } from "./router-state";

/**
 * Reads what is left of the owned redirections on a router; undefined when nothing is left. Redirections that belong to
 * another resource by now are reported and count as missing.
 * @throws SafeguardError when the router cannot be read
 */
export async function read(
  router: CheckPointConnection,
  wanted: Desired,
  owned: Desired,
  context: PlatformContext,
): Promise<RouterReading<CheckPointStatus> | undefined> {
  return await withClish(router, context, async (session) => {
    const { object } = session;
    const { found } = await readRunning(session);
    const recorded = (name: string) => recordedOwner(name, found, owned.owner);
    const warn = (text: string) => context.log.warn(`${object}: ${text}`);
    const names = namesStillOwned(redirectionNames(owned), owned.owner, recorded, warn);
    const isOwn = (name: string) => names.includes(name);
    const isLeft =
      names.some((name) => tablesOf(name, found).length > 0) ||
      found.rules.some((rule) => isOwn(ownPartOf(rule)?.redirection ?? ""));
    if (!isLeft) return undefined;
    const own = { ...wanted, routes: wanted.routes.filter(({ redirection }) => isOwn(redirection.name)) };
    const isSaved = wanted.isPersistent && (await readIsSaved(session));
    return readingOf(own, found, await readFacts(session), isSaved);
  });
}

/** The part of a reading that goes to the state. Clish shows no counters of PBR rules. */
export function readingOf(
  wanted: Desired,
  found: Found,
  facts: Facts,
  isSaved: boolean,
): RouterReading<CheckPointStatus> {
  return {
    rules: foundLines(wanted, found, isSaved),
    interfaces: interfacesOf(wanted, found),
    counters: [],
    status: statusOf(wanted, found, facts),
  };
}
