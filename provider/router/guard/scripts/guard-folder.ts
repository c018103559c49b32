import { NOTES_FOLDER } from "./opening-script";

/**
 * The names of an undo script. The router keeps all files of unconfirmed changes in one folder for each run. The name
 * shows the state of the run; renaming is atomic, so exactly one process decides.
 */
export const UNDO = {
  /** Complete, while no timer watches yet: nothing was changed. */
  prepared: "undo.new",
  /** Never armed: nothing was changed. */
  void: "undo.void",
  /** Armed: the timer or the confirmation may claim it. */
  armed: "undo",
  /** The rollback is running. */
  running: "undo.run",
  /** Rolled back: the router is as it was before. */
  back: "undo.back",
  /** Rolled back, except for changes that could not be undone. */
  bad: "undo.bad",
  /** Confirmed: must never run. */
  kept: "undo.kept",
} as const;

/** How long to wait for a rollback that runs in another process, in seconds. */
export const UNDO_LIMIT_SECONDS = 20;

/** The prefix of run folders; the rest is the token of the run. */
const FOLDER_PREFIX = "commit.";

/** The prefix of lines that guard scripts print. */
export const GUARD_MARK = "@@guard";

/**
 * The folder of one run as shell text.
 * @throws Error when the token is malformed.
 */
export function guardFolder(token: string): string {
  if (!/^[0-9a-f]{12}$/.test(token)) throw new Error("a token is 12 hexadecimal digits");
  return `"${NOTES_FOLDER}"/${FOLDER_PREFIX}${token}`;
}

/** The folders of all runs as a shell pattern. */
export const GUARD_FOLDERS = `"${NOTES_FOLDER}"/${FOLDER_PREFIX}*`;

/**
 * Shell functions for every guard script. `sps_claim FOLDER` claims the undo script unless another process has decided
 * already. `sps_run_undo FOLDER` runs it. `sps_verdict FOLDER` waits for the process that runs it and prints the
 * outcome.
 */
export const GUARD_FUNCTIONS = `sps_claim() { mv "$1/${UNDO.armed}" "$1/${UNDO.running}" 2>/dev/null; }
sps_run_undo() {
  sps_log=/dev/null
  if (: >>"$1/log") 2>/dev/null; then sps_log=$1/log; fi
  sh "$1/${UNDO.running}" "$1" </dev/null >/dev/null 2>>"$sps_log" 9>&-
}
sps_verdict() {
  sps_seconds_left=${UNDO_LIMIT_SECONDS}
  while [ -e "$1/${UNDO.running}" ] && [ "$sps_seconds_left" -gt 0 ]; do sleep 1; sps_seconds_left=$((sps_seconds_left - 1)); done
  if [ -e "$1/${UNDO.back}" ]; then echo back
  elif [ -e "$1/${UNDO.bad}" ]; then echo bad
  elif [ -e "$1/${UNDO.kept}" ]; then echo kept
  elif [ -e "$1/${UNDO.running}" ]; then echo stuck
  elif [ -e "$1/${UNDO.armed}" ]; then echo armed
  else echo gone; fi
}
sps_delete_run() {
  rm -rf "$1"
  rmdir "${NOTES_FOLDER}" 2>/dev/null || true
}`;
