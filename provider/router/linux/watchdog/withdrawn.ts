import type { Desired } from "../desired";
import type { Found } from "../found";
import { type NextHop, PROTOCOL } from "../next-hops";
import { type Route, routesOf } from "../routing";
import { settingsOf } from "./watch";

/** An SPS that is silent, so that its watchdog lets traffic pass. */
export interface BypassOutput {
  spsAddress: string;
  /** Since when, in ISO 8601 by the router's clock. */
  since: string;
}

/** The ways to SPS whose watchdog lets traffic pass now, as it shall. */
export function bypassOutputs({ hops }: Desired, found: Found): BypassOutput[] {
  return hops.flatMap((hop) => {
    const since = isBypassed(hop, found) ? found.watchdogs.get(hop.table)?.since : undefined;
    return since === undefined ? [] : [{ spsAddress: hop.gateway, since }];
  });
}

/** That traffic passes unaudited now, in words; for the log. */
export function bypassTexts(desired: Desired, found: Found): string[] {
  return bypassOutputs(desired, found).map(({ spsAddress, since }) => {
    const chains = desired.chains.filter(({ hop }) => hop.gateway === spsAddress);
    const names = chains.map(({ redirection }) => redirection.name).join(", ");
    return `SPS ${spsAddress} is silent since ${since}: what ${names} redirects passes directly and unaudited until it answers (bypass when-sps-silent)`;
  });
}

/**
 * The routes in the table of a next hop. While its watchdog lets traffic pass, the way to SPS counts as there: it is
 * the watchdog's to put back.
 */
export function routesIn(hop: NextHop, found: Found): readonly Route[] {
  const there = found.routes.get(hop.table) ?? [];
  if (!isBypassed(hop, found)) return there;
  return there.map((route) => (isPassing(route) ? (routesOf(hop)[0] ?? route) : route));
}

/** Tells whether the wanted watchdog of a next hop lets traffic pass now. */
export function isBypassed(hop: NextHop, found: Found): boolean {
  const there = found.watchdogs.get(hop.table);
  const isWanted = there?.isRunning === true && there.settings === settingsOf(hop);
  return isWanted && (found.routes.get(hop.table) ?? []).some(isPassing);
}

/** The route that ends the look-up in the table, so that what comes behind it counts. */
function isPassing({ type, destination, metric, protocol, isPlain }: Route): boolean {
  return type === "throw" && destination === "default" && metric === 0 && protocol === PROTOCOL && isPlain;
}
