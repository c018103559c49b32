import { createHash } from "node:crypto";
import type { WatchdogOptions } from "../../bypass";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { NextHop } from "../model/next-hops";
import { WATCHDOG_SCRIPT } from "./script";

/** Distinguishes watchdogs of this release of the script from others. */
const SCRIPT_DIGEST = createHash("sha256").update(WATCHDOG_SCRIPT).digest("hex").slice(0, 8);

/** The settings of a watchdog, as its folder on the router records them: one line of six words. */
export function settingsOf(hop: NextHop): string | undefined {
  if (!hop.watch) return undefined;
  const { intervalSeconds, missedProbes, port } = hop.watch;
  return [hop.gateway, hop.device, intervalSeconds, missedProbes, port ?? "-", SCRIPT_DIGEST].join(" ");
}

/** Whether two watchdogs have the same settings, whatever the release of their scripts. */
export function areSettingsAlike(one: string, other: string): boolean {
  const withoutDigest = (settings: string) => settings.split(" ").slice(0, -1).join(" ");
  return withoutDigest(one) === withoutDigest(other);
}

/** The wanted watchdogs, one canonical line each. Known in previews. */
export function wantedWatchdogLines({ hops }: Desired): string[] {
  return hops.flatMap(({ table, watch }) => (watch ? [watchdogLine(table, watch)] : []));
}

/** The same lines for the watchdogs on the router; those out of sync are shown as such. */
export function foundWatchdogLines({ hops }: Desired, { watchdogs }: Found): string[] {
  return hops.flatMap((hop) => {
    const there = watchdogs.get(hop.table);
    if (!there) return [];
    if (!hop.watch || there.settings !== settingsOf(hop)) return [`watchdog: table ${hop.table} (${there.settings})`];
    return [`${watchdogLine(hop.table, hop.watch)}${there.isRunning ? "" : " (does not run)"}`];
  });
}

function watchdogLine(table: number, { intervalSeconds, missedProbes, port }: WatchdogOptions): string {
  const how = port === undefined ? "ARP" : `TCP port ${port}`;
  const many = missedProbes === 1 ? "1 probe" : `${missedProbes} probes`;
  return `watchdog: table ${table} lets traffic pass after ${many} of ${how} without an answer, ${intervalSeconds} s apart`;
}
