import { UNDO } from "./guard-folder";
import { armingText, type Protection } from "./guard-scripts";
import { keepLock } from "./opening-script";
import type { Step } from "./shell-text";

/** The outcome of a series of changes. */
export type ApplyOutcome =
  | { kind: "applied" }
  /** The rollback timer did not start; nothing was changed. */
  | { kind: "unprotected"; message: string }
  /** A step failed. `isUndone` is true when the earlier steps were rolled back. */
  | { kind: "failed"; step: string; message: string; isUndone: boolean }
  /** The output does not show the outcome. */
  | { kind: "unclear" };

const MARK = "@@apply";

/** The apply script prints this as soon as all changes are made. */
export const APPLIED = `\n${MARK} applied\n`;

/**
 * The script that makes the changes in order, once the rollback timer on the router is armed. When a change fails, it
 * rolls back the earlier ones at once. `first` runs before everything else, while the files for arming are written;
 * `then` runs after success. The output of steps is discarded: after a lost connection, printing would fail and the
 * step with it.
 */
export function applyScript(steps: readonly Step[], protection: Protection, first: string, then: string): string {
  const functions = steps.map(({ run }, index) => `sps_do_${index + 1}() {\n${run}\n}`);
  return `${armingText(protection, steps)}
${functions.join("\n")}
sps_run_step() {
  if ! [ -e "$sps_guard/${UNDO.armed}" ]; then echo "the commit window has expired" >&2; return 1; fi
  echo "begun $1" >>"$sps_guard/progress" || return 1
  if ! "sps_do_$1" >/dev/null; then echo "undone $1" >>"$sps_guard/progress"; return 1; fi
  echo "done $1" >>"$sps_guard/progress"
}
sps_step() {
printf '\\n${MARK} step %s\\n' "$1" >&2
sps_run_step "$1" && return 0
printf '\\n${MARK} failed %s\\n' "$1"; printf '\\n${MARK} undo\\n' >&2
if sps_claim "$sps_guard"; then sps_run_undo "$sps_guard"; fi
sps_outcome=$(sps_verdict "$sps_guard")
[ "$sps_outcome" = back ] || cat "$sps_guard/log" >&2
printf '\\n${MARK} undone %s\\n' "$sps_outcome"
sps_delete_run "$sps_guard"
exit 1
}
sps_first=
${first === "" ? "" : `(\n${first}\n) &\nsps_first=$!`}
${keepLock(protection.windowSeconds)}
printf '\\n${MARK} arm\\n' >&2
if ! sps_arm "$sps_first"; then printf '\\n${MARK} unprotected\\n'; printf '\\n${MARK} undo\\n' >&2; exit 1; fi
${steps.map((_, index) => `sps_step ${index + 1}`).join("\n")}
printf '\\n${MARK} applied\\n'; printf '\\n${MARK} applied\\n' >&2
${then}`;
}

/** Parses the output of the apply script. */
export function parseApplyOutput(output: { stdout: string; stderr: string }, steps: readonly Step[]): ApplyOutcome {
  if (output.stdout.includes(APPLIED)) return { kind: "applied" };
  if (output.stdout.includes(`\n${MARK} unprotected\n`)) {
    return { kind: "unprotected", message: errorsSince(`\n${MARK} arm\n`, output.stderr) };
  }
  const failed = new RegExp(`\\n${MARK} failed (\\d+)\\n`).exec(output.stdout);
  const undone = new RegExp(`\\n${MARK} undone (\\w+)\\n`).exec(output.stdout);
  const step = failed ? steps[Number(failed[1]) - 1] : undefined;
  if (!failed || !step) return { kind: "unclear" };
  const message = errorsSince(`\n${MARK} step ${failed[1]}\n`, output.stderr);
  return { kind: "failed", step: step.title, message, isUndone: undone?.[1] === "back" };
}

/** The error output of the router between a mark and the start of the rollback. */
function errorsSince(mark: string, stderr: string): string {
  const errors = stderr.slice(Math.max(stderr.lastIndexOf(mark), 0)).split(`\n${MARK} undo\n`)[0] ?? "";
  const lines = errors.split("\n").filter((line) => line.trim() !== "" && !line.startsWith(MARK));
  return lines.join(", ") || "no reason given";
}
