import { GUARD_FOLDERS, GUARD_FUNCTIONS, GUARD_MARK, guardFolder, UNDO } from "./guard-folder";
import { ENVIRONMENT, NOTES_FOLDER } from "./opening-script";
import type { Step } from "./shell-text";
import { TIMER_SCRIPT } from "./timer-script";
import { UNDO_END, undoScript } from "./undo-script";

/** What protects changes until they are confirmed. */
export interface Protection {
  /** The id of the run on the router: 12 hexadecimal digits. */
  token: string;
  /** The commit window, counted from before the first change, in seconds. */
  windowSeconds: number;
}

const END_OF_FILE = "SPS-END-OF-FILE";

/** How long to wait until the timer on the router reports that it is armed, in steps of 20 ms. */
const ARMING_LOOKS = 150;

/**
 * Shell text that defines `sps_arm`. It writes the undo script, starts the timer, and arms the undo script once the
 * timer has answered: a shell that is killed before leaves nothing that waits for a rollback. Its optional argument is a
 * process that must end before the timer starts. `sps_session` names the shell that holds the lock, if it is another one.
 * After a failure no files are left and nothing is changed. Sets `sps_guard`, the folder of the run.
 */
export function armingText({ token, windowSeconds }: Protection, steps: readonly Step[]): string {
  const write = (name: string, text: string) => {
    if (text.split("\n").includes(END_OF_FILE)) throw new Error("a script holds the end mark");
    return `cat >"$sps_guard/${name}" <<'${END_OF_FILE}'\n${text}\n${END_OF_FILE}`;
  };
  return `${GUARD_FUNCTIONS}
sps_guard=${guardFolder(token)}
sps_write_guard() {
mkdir -p "${NOTES_FOLDER}" && mkdir "$sps_guard" || return 1
true >"$sps_guard/log" && echo armed >"$sps_guard/progress" || return 1
sh -c 'echo $PPID' >"$sps_guard/worker" || return 1
${write("timer.sh", TIMER_SCRIPT)}
[ "$(tail -n 1 "$sps_guard/timer.sh")" = "exit 0" ] || return 1
${write(UNDO.prepared, undoScript(steps))}
[ "$(tail -n 1 "$sps_guard/${UNDO.prepared}")" = "${UNDO_END}" ]
}
sps_start_timer() {
  sps_timer=
  set -- "$sps_guard/timer.sh" "$sps_guard" ${windowSeconds} "\${sps_session:-$$}" "\${sps_lock:-none}"
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
    systemd-run --quiet --collect --unit="sps-redirect-${token}" /bin/sh "$@" </dev/null >/dev/null 2>&1 9>&- && return 0
  fi
  if command -v setsid >/dev/null 2>&1; then
    setsid sh "$@" </dev/null >/dev/null 2>&1 9>&- &
  else
    sh "$@" </dev/null >/dev/null 2>&1 9>&- &
  fi
  sps_timer=$!
}
sps_is_watched() {
  sps_checks_left=${ARMING_LOOKS}
  while [ "$sps_checks_left" -gt 0 ]; do
    if [ -s "$sps_guard/timer" ] && kill -0 "$(cat "$sps_guard/timer")" 2>/dev/null; then return 0; fi
    # A timer that has ended, as with /run full, gets a short grace: it may continue as another process.
    if [ -n "$sps_timer" ] && [ "$sps_checks_left" -gt 5 ] && ! kill -0 "$sps_timer" 2>/dev/null; then sps_checks_left=5; fi
    sleep 0.02 2>/dev/null || { sleep 1; sps_checks_left=$((sps_checks_left - 40)); }
    sps_checks_left=$((sps_checks_left - 1))
  done
  echo "the timer did not start" >&2
  return 1
}
sps_arm() {
  sps_write_guard; sps_written=$?
  [ -z "$1" ] || wait "$1"
  [ "$sps_written" = 0 ] && sps_start_timer && sps_is_watched && mv "$sps_guard/${UNDO.prepared}" "$sps_guard/${UNDO.armed}" && return 0
  sps_delete_run "$sps_guard"
  return 1
}`;
}

/**
 * Rolls back unconfirmed changes of earlier runs before the router is read. Prints the outcome of each run: `expired`
 * when its timer had rolled it back already.
 */
export const SETTLING_SCRIPT = `${GUARD_FUNCTIONS}
for sps_folder in ${GUARD_FOLDERS}; do
  [ -d "$sps_folder" ] || continue
  if ! [ -e "$sps_folder/${UNDO.armed}" ] && [ -e "$sps_folder/${UNDO.prepared}" ]; then sps_delete_run "$sps_folder"; continue; fi
  sps_reason=expired
  if sps_claim "$sps_folder"; then sps_reason=interrupted; sps_run_undo "$sps_folder"; fi
  sps_outcome=$(sps_verdict "$sps_folder")
  if [ "$sps_outcome" = stuck ]; then sps_run_undo "$sps_folder"; sps_outcome=$(sps_verdict "$sps_folder"); fi
  printf '\\n${GUARD_MARK} settled %s %s %s\\n' "\${sps_folder##*.}" "$sps_reason" "$sps_outcome"
  [ "$sps_outcome" = bad ] && cat "$sps_folder/log" >&2
  sps_delete_run "$sps_folder"
done`;

/** Confirms the changes of a run unless they are rolled back already. Runs in its own shell, over a new login. */
export function confirmingScript({ token }: Protection): string {
  return `${confirmingText(token)}
sps_confirm`;
}

/**
 * Shell text that defines `sps_confirm` and `sps_reject`. Both print the outcome of the run and set `sps_result` to it.
 */
export function confirmingText(token: string): string {
  return `${ENVIRONMENT}
${GUARD_FUNCTIONS}
sps_guard=${guardFolder(token)}
sps_report() {
  sps_result=$1
  printf '\\n${GUARD_MARK} verdict %s\\n' "$1"
  [ "$1" = bad ] && cat "$sps_guard/log" >&2
  case "$1" in kept | back) sps_delete_run "$sps_guard" ;; esac
  return 0
}
sps_confirm() {
  if mv "$sps_guard/${UNDO.armed}" "$sps_guard/${UNDO.kept}" 2>/dev/null; then sps_report kept
  else sps_report "$(sps_verdict "$sps_guard")"; fi
}
sps_reject() {
  if sps_claim "$sps_guard"; then sps_run_undo "$sps_guard"; fi
  sps_report "$(sps_verdict "$sps_guard")"
}`;
}

/** Rolls back the changes of a run at once, unless they are rolled back or confirmed already. */
export function rejectingScript({ token }: Protection): string {
  return `${confirmingText(token)}
sps_reject`;
}

/** The outcome of a run: confirmed, rolled back, not fully rolled back, or its folder is gone. */
export type Verdict = "kept" | "back" | "bad" | "stuck" | "armed" | "gone";

/** The verdict in the output of a guard script; undefined when there is none. */
export function parseVerdict(stdout: string): Verdict | undefined {
  const said = new RegExp(`\\n${GUARD_MARK} verdict (kept|back|bad|stuck|armed|gone)\\n`).exec(stdout);
  return said?.[1] as Verdict | undefined;
}

/** An earlier run that was found unconfirmed. */
export interface SettledRun {
  token: string;
  /** True when the commit window had expired and the timer had rolled the run back. */
  isExpired: boolean;
  verdict: Verdict;
}

/** The earlier runs that a settling script has handled. */
export function parseSettled(stdout: string): SettledRun[] {
  const lines = stdout.matchAll(new RegExp(`^${GUARD_MARK} settled (\\S+) (expired|interrupted) (\\w+)$`, "gm"));
  return [...lines].map(([, token = "", how, verdict]) => ({
    token,
    isExpired: how === "expired",
    verdict: verdict as Verdict,
  }));
}
