import { NOTES_FOLDER } from "../../guard/scripts/opening-script";
import { RUNNING_FUNCTION } from "./script";

/** A watchdog as found on the router. */
export interface FoundWatchdog {
  /** The settings that it was started with, in the form of `settingsOf`. */
  settings: string;
  isRunning: boolean;
  /** The start of the bypass in ISO 8601; absent without a bypass. */
  since?: string;
}

/** Shell text that defines `sps_watchdogs`, which lists all watchdogs and changes nothing. */
export const WATCHDOGS_FUNCTION = `${RUNNING_FUNCTION}
sps_watchdogs() {
  for sps_watch in "${NOTES_FOLDER}"/watchdog.*; do
    [ -f "$sps_watch/settings" ] || continue
    sps_state=stopped
    if sps_watch_runs; then sps_state=running; fi
    sps_since=$(cat "$sps_watch/since" 2>/dev/null)
    printf '%s %s %s %s\\n' "\${sps_watch##*.}" "$sps_state" "\${sps_since:--}" "$(cat "$sps_watch/settings")"
  done
}`;

/** Parses the output of `sps_watchdogs` by number of the table. */
export function parseWatchdogs(text: string): Map<number, FoundWatchdog> {
  const lines = text.matchAll(/^(\d+) (running|stopped) (\S+) (.+)$/gm);
  return new Map(
    [...lines].map(([, table, how, since = "-", settings = ""]) => [
      Number(table),
      { settings, isRunning: how === "running", ...(since !== "-" && { since }) },
    ]),
  );
}
