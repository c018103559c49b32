import { NOTES_FOLDER } from "../../guard/scripts/opening-script";
import type { Step } from "../../guard/scripts/shell-text";
import { commandText } from "../../guard/scripts/shell-text";
import { STARTING_FUNCTIONS, watchdogFolder } from "./script";

/** Starts a watchdog in place of the existing one. */
export function startWatchdog(table: number, settings: string): Step {
  return {
    title: `start the watchdog of table ${table}`,
    run: startingText(table, settings),
    undo: endingText(table),
  };
}

/** Ends a watchdog; `settings` are its current settings. */
export function endWatchdog(table: number, settings: string): Step {
  return {
    title: `stop the watchdog of table ${table}`,
    run: endingText(table),
    undo: startingText(table, settings),
  };
}

/** Shell text that starts a watchdog, unless it runs with these settings. */
export function startingText(table: number, settings: string): string {
  return `${STARTING_FUNCTIONS}\n${commandText({ words: ["sps_watch_start", `${table}`, ...settings.split(" ")] })}`;
}

/** Removing its folder ends a watchdog; it makes no changes until then. */
function endingText(table: number): string {
  return `rm -rf ${watchdogFolder(table)} && { rmdir "${NOTES_FOLDER}" 2>/dev/null || true; }`;
}
