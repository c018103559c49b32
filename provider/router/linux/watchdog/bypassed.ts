import type { Found } from "../model/found";
import { type NextHop, PROTOCOL } from "../model/next-hops";
import { type Route, routesOf } from "../model/routing";
import type { BypassOutput } from "../model/status";
import type { Decision } from "../plan/decision";
import { settingsOf } from "./watch";

/** Each SPS whose table holds a bypass route now, whether or not its watchdog still runs. */
export function bypassOutputs({ desired, found }: Pick<Decision, "desired" | "found">): BypassOutput[] {
  return desired.hops.filter((hop) => hasBypassRoute(hop, found)).map((hop) => outputOf(hop, found));
}

/** Warnings that traffic passes unaudited now. */
export function bypassWarnings({ desired, found }: Pick<Decision, "desired" | "found">): string[] {
  const bypassed = desired.hops.filter((hop) => hasBypassRoute(hop, found));
  return bypassed.map((hop) => {
    const chains = desired.chains.filter((chain) => chain.hop.gateway === hop.gateway);
    const names = chains.map(({ redirection }) => redirection.name).join(", ");
    const { since } = outputOf(hop, found);
    const when = since === undefined ? "" : ` since ${since}`;
    if (isBypassed(hop, found)) {
      return `SPS ${hop.gateway} ${since === undefined ? "does not answer" : `has not answered since ${since}`}: traffic of redirection ${names} passes directly and is not recorded until SPS answers (bypass when-sps-silent)`;
    }
    const why = found.watchdogs.get(hop.table)?.isRunning ? "has other settings" : "does not run";
    return `traffic of redirection ${names} to SPS ${hop.gateway} passes directly and is not recorded${when}, even if SPS answers: its watchdog ${why}; run \`pulumi up\` to redirect it again`;
  });
}

function outputOf(hop: NextHop, found: Found): BypassOutput {
  const since = found.watchdogs.get(hop.table)?.since;
  return { spsAddress: hop.gateway, ...(since !== undefined && { since }) };
}

function hasBypassRoute(hop: NextHop, found: Found): boolean {
  return (found.routes.get(hop.table) ?? []).some(isBypassRoute);
}

/**
 * The routes in the table of a next hop. While its watchdog bypasses SPS, the default route to SPS counts as present,
 * because the watchdog restores it.
 */
export function routesIn(hop: NextHop, found: Found): readonly Route[] {
  const there = found.routes.get(hop.table) ?? [];
  if (!isBypassed(hop, found)) return there;
  return there.map((route) => (isBypassRoute(route) ? (routesOf(hop)[0] ?? route) : route));
}

/** Whether the wanted watchdog of a next hop runs and bypasses SPS now. */
export function isBypassed(hop: NextHop, found: Found): boolean {
  const there = found.watchdogs.get(hop.table);
  const isWanted = there?.isRunning === true && there.settings === settingsOf(hop);
  return isWanted && hasBypassRoute(hop, found);
}

/** Whether a route is the bypass route of a watchdog: a throw route, so that the lookup continues in the main table. */
export function isBypassRoute({ type, destination, metric, protocol, isPlain }: Route): boolean {
  return type === "throw" && destination === "default" && metric === 0 && protocol === PROTOCOL && isPlain;
}
