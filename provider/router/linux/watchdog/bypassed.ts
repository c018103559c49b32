import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import { type NextHop, PROTOCOL } from "../model/next-hops";
import { type Route, routesOf } from "../model/routing";
import { settingsOf } from "./watch";

/** An SPS whose traffic its watchdog has let pass, and nobody has redirected since. */
export interface BypassOutput {
  spsAddress: string;
  /** Since when, in ISO 8601 by the router's clock; absent when the watchdog could not note it, or its note is gone. */
  since?: string;
}

/** The ways to SPS that are withdrawn now, whatever has become of their watchdogs. */
export function bypassOutputs({ hops }: Desired, found: Found): BypassOutput[] {
  return hops.filter((hop) => isWithdrawn(hop, found)).map((hop) => outputOf(hop, found));
}

/** That traffic passes unaudited now, in words; for the log. */
export function bypassTexts(desired: Desired, found: Found): string[] {
  const withdrawn = desired.hops.filter((hop) => isWithdrawn(hop, found));
  return withdrawn.map((hop) => {
    const chains = desired.chains.filter((chain) => chain.hop.gateway === hop.gateway);
    const names = chains.map(({ redirection }) => redirection.name).join(", ");
    const { since } = outputOf(hop, found);
    const when = since === undefined ? "" : ` since ${since}`;
    if (isBypassed(hop, found)) {
      return `SPS ${hop.gateway} is silent${when}: what ${names} redirects passes directly and unaudited until it answers (bypass when-sps-silent)`;
    }
    const why = found.watchdogs.get(hop.table)?.isRunning ? "is not the wanted one" : "does not run";
    return `what ${names} redirects to SPS ${hop.gateway} passes directly and unaudited${when}, whether SPS answers or not: its watchdog ${why}; \`pulumi up\` redirects again`;
  });
}

function outputOf(hop: NextHop, found: Found): BypassOutput {
  const since = found.watchdogs.get(hop.table)?.since;
  return { spsAddress: hop.gateway, ...(since !== undefined && { since }) };
}

function isWithdrawn(hop: NextHop, found: Found): boolean {
  return (found.routes.get(hop.table) ?? []).some(isPassing);
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

/** Tells whether the wanted watchdog, which runs, of a next hop lets traffic pass now. */
export function isBypassed(hop: NextHop, found: Found): boolean {
  const there = found.watchdogs.get(hop.table);
  const isWanted = there?.isRunning === true && there.settings === settingsOf(hop);
  return isWanted && isWithdrawn(hop, found);
}

/** Tells whether a route is a watchdog's: it ends the look-up in the table, so that what comes behind it counts. */
export function isPassing({ type, destination, metric, protocol, isPlain }: Route): boolean {
  return type === "throw" && destination === "default" && metric === 0 && protocol === PROTOCOL && isPlain;
}
