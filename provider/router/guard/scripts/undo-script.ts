import { UNDO } from "./guard-folder";
import { ENVIRONMENT } from "./opening-script";
import type { Step } from "./step";

/** The last line of every undo script: proof that it was written whole. */
export const UNDO_END = "# end of undo";

/**
 * The script that takes a run's changes back, in reverse, whoever carries it out and however far the run came. Its
 * argument is the run's folder. Only what the run itself has changed is touched. A change that was begun and may not
 * have happened is taken back without complaint, and nothing is taken back twice.
 */
export function undoScript(steps: readonly Step[]): string {
  const functions = steps.map(({ undo }, index) => `sps_undo_${index + 1}() {\n${undo}\n}`);
  const calls = steps.map((_, index) => `sps_back ${index + 1}`).reverse();
  return `${ENVIRONMENT}
sps_guard=$1
sps_bad=0
${functions.join("\n")}
sps_back() {
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
