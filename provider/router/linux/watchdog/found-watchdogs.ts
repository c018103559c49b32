import { NOTES_FOLDER } from "../../guard/scripts/opening-script";
import { RUNNING_FUNCTION } from "./script";

/** A watchdog as it was found on the router. */
export interface FoundWatchdog {
  /** What it was started with, in the form of `settingsOf`. */
  settings: string;
  isRunning: boolean;
  /** Since when it lets traffic pass, in ISO 8601; absent while it does not. */
  since?: string;
}

/** Shell text that defines `sps_watchdogs`, which lists all of them and changes nothing. */
export const WATCHDOGS_FUNCTION = `${RUNNING_FUNCTION}
sps_watchdogs() {
  for sps_watch in "${NOTES_FOLDER}"/watchdog.*; do
    [ -f "$sps_watch/settings" ] || continue
    sps_how=stopped
    if sps_watch_runs; then sps_how=running; fi
    sps_since=$(cat "$sps_watch/since" 2>/dev/null)
    printf '%s %s %s %s\\n' "\${sps_watch##*.}" "$sps_how" "\${sps_since:--}" "$(cat "$sps_watch/settings")"
  done
}`;

/** Makes sense of what `sps_watchdogs` lists: by number of the table. */
export function parseWatchdogs(text: string): Map<number, FoundWatchdog> {
  const lines = text.matchAll(/^(\d+) (running|stopped) (\S+) (.+)$/gm);
  return new Map(
    [...lines].map(([, table, how, since = "-", settings = ""]) => [
      Number(table),
      { settings, isRunning: how === "running", ...(since !== "-" && { since }) },
    ]),
  );
}
