import { UNDO } from "./guard-folder";
import { ENVIRONMENT } from "./opening-script";
import type { Step } from "./shell-text";

/** The last line of every undo script: it proves that the file is complete. */
export const UNDO_END = "# end of undo";

/**
 * The script that rolls back the changes of a run in reverse order, however far the run came. Its argument is the
 * folder of the run. It touches only changes of this run. A change that was started and may not have happened is undone
 * without an error, and no change is undone twice.
 */
export function undoScript(steps: readonly Step[]): string {
  const functions = steps.map(({ undo }, index) => `sps_undo_${index + 1}() {\n${undo}\n}`);
  const calls = steps.map((_, index) => `sps_undo_step ${index + 1}`).reverse();
  return `${ENVIRONMENT}
sps_guard=$1
sps_bad=0
${functions.join("\n")}
sps_undo_step() {
  grep -qx "begun $1" "$sps_guard/progress" || return 0
  if grep -qx "undone $1" "$sps_guard/progress"; then return 0; fi
  if "sps_undo_$1"; then echo "undone $1" >>"$sps_guard/progress"; return 0; fi
  grep -qx "done $1" "$sps_guard/progress" || return 0
  sps_bad=1
}
${calls.join("\n")}
if [ "$sps_bad" = 0 ]; then sps_end=${UNDO.back}; else sps_end=${UNDO.bad}; fi
mv "$sps_guard/${UNDO.running}" "$sps_guard/$sps_end"
${UNDO_END}`;
}
