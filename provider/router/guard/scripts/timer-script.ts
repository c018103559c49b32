import { GUARD_FUNCTIONS, UNDO } from "./guard-folder";
import { ENVIRONMENT } from "./opening-script";

/**
 * The rollback timer on the router. Arguments: the folder of the run, the commit window in seconds, and the process of
 * the shell that holds the lock. It counts seconds because the clock may jump. It ends by itself once another process
 * has decided. Before the rollback it stops a run that still works, so that nothing changes in parallel, and ends its
 * shell, so that the lock does not outlive a lost connection.
 */
export const TIMER_SCRIPT = `${ENVIRONMENT}
trap '' TERM
${GUARD_FUNCTIONS}
sps_guard=$1
sps_seconds_left=$2
sps_stop() {
  for sps_status in /proc/[0-9]*/status; do
    grep -q "^PPid:[^0-9]*$1\\$" "$sps_status" 2>/dev/null || continue
    sps_child=\${sps_status#/proc/}
    kill -9 "\${sps_child%/status}" 2>/dev/null
  done
  kill -9 "$1" 2>/dev/null
}
sps_is_at_work() {
  case "$(tail -n 1 "$sps_guard/progress" 2>/dev/null)" in begun*) return 0 ;; esac
  return 1
}
echo $$ >"$sps_guard/timer.new" && mv "$sps_guard/timer.new" "$sps_guard/timer" || exit 1
sps_is_undecided() { [ -e "$sps_guard/${UNDO.armed}" ] || [ -e "$sps_guard/${UNDO.prepared}" ]; }
while [ "$sps_seconds_left" -gt 0 ] && sps_is_undecided; do sleep 1; sps_seconds_left=$((sps_seconds_left - 1)); done
if ! sps_claim "$sps_guard"; then
  # Its shell was killed before it armed the undo script, so it has changed nothing.
  if mv "$sps_guard/${UNDO.prepared}" "$sps_guard/${UNDO.void}" 2>/dev/null; then sps_delete_run "$sps_guard"; exit 0; fi
  # It was armed between the two.
  sps_claim "$sps_guard" || exit 0
fi
if sps_is_at_work; then
  sleep 1
  if sps_is_at_work; then sps_stop "$(cat "$sps_guard/worker")"; fi
fi
sps_run_undo "$sps_guard"
if [ -e "$4" ] && [ "/proc/$3/fd/9" -ef "$4" ]; then kill -9 "$3"
elif [ "$(cat "$4.pid" 2>/dev/null)" = "$3" ]; then kill -9 "$3"; fi
exit 0`;
