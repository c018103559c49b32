import type { Step } from "./steps";

/** What became of a series of changes. */
export type ApplyOutcome =
  | { kind: "applied" }
  /** A step failed; those before it were taken back, or could not be. */
  | { kind: "failed"; step: string; message: string; isUndone: boolean }
  /** The output tells neither. */
  | { kind: "unclear" };

const MARK = "@@apply";

/**
 * The script that makes the changes one after the other. When one fails, those before it are taken back in reverse.
 * `then` runs after success, and is not run after a failure. What steps print goes nowhere, for with the connection
 * gone printing would fail, and the step with it.
 */
export function applyScript(steps: readonly Step[], then: string): string {
  const functions = steps.map(({ run, undo }, index) => {
    const number = index + 1;
    return `sps_do_${number}() {\n${run}\n}\nsps_undo_${number}() {\n${undo}\n}`;
  });
  const undoing = steps
    .map((_, index) => `if [ "$sps_done" -ge ${index + 1} ]; then sps_undo_${index + 1} >/dev/null || sps_bad=1; fi`)
    .reverse();
  return `${functions.join("\n")}
sps_done=0
sps_undo() {
sps_bad=0
${undoing.join("\n")}
printf '\\n${MARK} undone %s\\n' "$sps_bad"
}
sps_step() {
printf '\\n${MARK} step %s\\n' "$1" >&2
if "sps_do_$1" >/dev/null; then sps_done=$1; return 0; fi
printf '\\n${MARK} failed %s\\n' "$1"; printf '\\n${MARK} undo\\n' >&2
sps_undo
exit 1
}
${steps.map((_, index) => `sps_step ${index + 1}`).join("\n")}
printf '\\n${MARK} applied\\n'; printf '\\n${MARK} applied\\n' >&2
${then}`;
}

/** Makes sense of the apply script's output. */
export function parseApplyOutput(output: { stdout: string; stderr: string }, steps: readonly Step[]): ApplyOutcome {
  if (output.stdout.includes(`\n${MARK} applied\n`)) return { kind: "applied" };
  const failed = new RegExp(`\\n${MARK} failed (\\d+)\\n`).exec(output.stdout);
  const undone = new RegExp(`\\n${MARK} undone (\\d+)\\n`).exec(output.stdout);
  const step = failed ? steps[Number(failed[1]) - 1] : undefined;
  if (!failed || !step) return { kind: "unclear" };
  const start = output.stderr.lastIndexOf(`\n${MARK} step ${failed[1]}\n`);
  const said = output.stderr.slice(Math.max(start, 0)).split(`\n${MARK} undo\n`)[0] ?? "";
  const message = said
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith(MARK))
    .join(", ");
  return { kind: "failed", step: step.title, message: message || "no reason given", isUndone: undone?.[1] === "0" };
}
