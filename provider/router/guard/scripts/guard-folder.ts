import { NOTES_FOLDER } from "./opening-script";

/**
 * Everything the router keeps of changes that are not confirmed yet lies in one folder for each run. Which of these
 * names its undo script has tells what became of them; renaming it decides, once and for all, who does what.
 */
export const UNDO = {
  /** Armed: the timer or the confirmation may take it. */
  armed: "undo",
  /** Being carried out. */
  running: "undo.run",
  /** Carried out: the router is as it was. */
  back: "undo.back",
  /** Carried out, and something could not be taken back. */
  bad: "undo.bad",
  /** Confirmed: never to be carried out. */
  kept: "undo.kept",
} as const;

/** Limit for an undo script that another process carries out, in seconds. */
export const UNDO_LIMIT_SECONDS = 20;

/** Folders of runs begin so; the rest is the run's token. */
const FOLDER_PREFIX = "commit.";

/** Begins what guard scripts say. */
export const GUARD_MARK = "@@guard";

/** The folder of one run, as shell text. @throws Error for anything that is no token. */
export function guardFolder(token: string): string {
  if (!/^[0-9a-f]{12}$/.test(token)) throw new Error("a token is 12 hexadecimal digits");
  return `"${NOTES_FOLDER}"/${FOLDER_PREFIX}${token}`;
}

/** The folders of all runs, as a pattern of the shell. */
export const GUARD_FOLDERS = `"${NOTES_FOLDER}"/${FOLDER_PREFIX}*`;

/**
 * Shell functions of every guard script. `sps_claim FOLDER` wins the right to carry the undo script out, unless
 * somebody else has decided already; `sps_carry_out FOLDER` does it; `sps_verdict FOLDER` waits for whoever does and
 * says what became of it.
 */
export const GUARD_FUNCTIONS = `sps_claim() { mv "$1/${UNDO.armed}" "$1/${UNDO.running}" 2>/dev/null; }
sps_carry_out() {
  sps_log=/dev/null
  if (: >>"$1/log") 2>/dev/null; then sps_log=$1/log; fi
  sh "$1/${UNDO.running}" "$1" </dev/null >/dev/null 2>>"$sps_log" 9>&-
}
sps_verdict() {
  sps_left=${UNDO_LIMIT_SECONDS}
  while [ -e "$1/${UNDO.running}" ] && [ "$sps_left" -gt 0 ]; do sleep 1; sps_left=$((sps_left - 1)); done
  if [ -e "$1/${UNDO.back}" ]; then echo back
  elif [ -e "$1/${UNDO.bad}" ]; then echo bad
  elif [ -e "$1/${UNDO.kept}" ]; then echo kept
  elif [ -e "$1/${UNDO.running}" ]; then echo stuck
  elif [ -e "$1/${UNDO.armed}" ]; then echo armed
  else echo gone; fi
}
sps_forget() {
  rm -rf "$1"
  rmdir "${NOTES_FOLDER}" 2>/dev/null || true
}`;
