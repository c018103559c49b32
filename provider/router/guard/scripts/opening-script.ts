import { CAN_UNPACK } from "./packed-script";

/** How long to wait for another run on the same router, in seconds. */
export const LOCK_LIMIT_SECONDS = 30;

/**
 * The opening script prints this when its shell holds the lock; `UNPACKS` follows where the router can unpack scripts.
 */
export const LOCKED = "locked";

/** Follows `LOCKED` when scripts may be packed. */
export const UNPACKS = "unpacks";

/** The opening script prints this before the names of the utilities that the router lacks. */
export const LACKING = "lacks";

/** The utilities of POSIX that scripts need besides those that a shell has built in. A rollback without one would do nothing. */
export const UTILITIES = [
  ...["awk", "cat", "chmod", "chown", "date", "grep", "head", "id", "ln", "ls", "mkdir", "mv", "rm", "rmdir", "sed"],
  ...["sleep", "sort", "tail", "touch", "tr", "uname"],
] as const;

/** Shell text that prints each of some commands that the router lacks, in a format of printf. */
export const lackingText = (commands: readonly string[], format: string) => `for sps_tool in ${commands.join(" ")}; do
  command -v "$sps_tool" >/dev/null 2>&1 || printf '${format}' "$sps_tool"
done`;

/** How long a shell may hold the lock without input, in seconds; longer than any script may run. */
const IDLE_LIMIT_SECONDS = 150;

/**
 * Shell text for scripts that are sent ahead. It ends the script unless its shell holds the lock, and extends the lock.
 */
export const ONLY_LOCKED = `[ "\${sps_has_lock-}" = 1 ] || exit 1
sps_extend_lock ${IDLE_LIMIT_SECONDS}`;

/** Shell text that extends the lock while changes wait for confirmation. */
export function keepLock(windowSeconds: number): string {
  const seconds = Math.max(IDLE_LIMIT_SECONDS, windowSeconds + 60);
  return `if [ "\${sps_has_lock-}" = 1 ]; then sps_extend_lock ${seconds}; fi`;
}

/** The shell variable with the folder for notes that must not survive a reboot, such as former kernel settings. */
export const NOTES_FOLDER = "$sps_notes";

/**
 * The start of every script on the router: a plain environment, signals of a lost connection ignored, and the notes
 * folder.
 */
export const ENVIRONMENT = `LC_ALL=C
LANGUAGE=
PATH="/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin"
export LC_ALL LANGUAGE PATH
umask 077
trap '' PIPE HUP INT
sps_run=/run
[ -d /run ] || sps_run=/var/run
sps_notes=$sps_run/sps-redirect`;

/**
 * Shell variables and functions for the lock that serializes work on the redirections of this router. `sps_lock` is its
 * path. `sps_lock_by_flock` takes it on descriptor 9, which must be open on the lock file. `sps_lock_by_file` takes it
 * on routers without flock. Both wait until the second `sps_end`.
 */
export const LOCK_FUNCTIONS = `sps_lock=$sps_run/sps-redirect.lock
[ -d /run/lock ] && sps_lock=/run/lock/sps-redirect
sps_end_idle() {
  { read -r sps_holder sps_until <"$sps_lock.busy" && read -r sps_up sps_rest </proc/uptime; } 2>/dev/null || return 0
  [ "\${sps_up%%.*}" -gt "$sps_until" ] 2>/dev/null || return 0
  if [ "/proc/$sps_holder/fd/9" -ef "$sps_lock" ] || [ "$(cat "$sps_lock.pid" 2>/dev/null)" = "$sps_holder" ]; then
    kill -9 "$sps_holder" 2>/dev/null || true
  fi
}
sps_wait() {
  [ "$(date +%s)" -lt "$sps_end" ] || return 1
  sps_end_idle
  sleep 0.1 2>/dev/null || sleep 1
}
sps_lock_by_file() {
  until (set -C; echo $$ >"$sps_lock.pid") 2>/dev/null; do
    sps_owner=$(cat "$sps_lock.pid" 2>/dev/null)
    if [ -n "$sps_owner" ] && ! kill -0 "$sps_owner" 2>/dev/null; then rm -f "$sps_lock.pid"; fi
    sps_wait || return 1
  done
  trap 'rm -f "$sps_lock.pid"' EXIT
}
sps_lock_by_flock() {
  until flock -n 9; do sps_wait || return 1; done
}`;

/**
 * Prepares a shell for a whole session: a plain environment, signals of a lost connection ignored (so that a started
 * change is finished or rolled back), and the lock of the router. Prints `locked`, the utilities that the router lacks,
 * or who holds the lock. A waiting shell ends a lock holder that has been idle too long: its connection was lost silently.
 * @param limitSeconds how long to wait for another run
 */
export const openingScript = (limitSeconds: number): string => `${ENVIRONMENT}
sps_has_lock=
sps_unpacks=
if ${CAN_UNPACK}; then sps_unpacks=" ${UNPACKS}"; fi
${LOCK_FUNCTIONS}
sps_end=$(( $(date +%s) + ${limitSeconds} ))
sps_extend_lock() {
  { read -r sps_up sps_rest </proc/uptime && echo "$$ $(( \${sps_up%%.*} + $1 ))" >"$sps_lock.busy"; } 2>/dev/null || true
}
sps_lacking=$(${lackingText(UTILITIES, " %s")})
if [ -n "$sps_lacking" ]; then echo "${LACKING}$sps_lacking"
elif command -v flock >/dev/null 2>&1; then
  if (: >>"$sps_lock") 2>/dev/null; then
    exec 9>>"$sps_lock"
    if sps_lock_by_flock; then sps_has_lock=1; sps_extend_lock ${IDLE_LIMIT_SECONDS}; echo "${LOCKED}$sps_unpacks"; else echo "another run holds $sps_lock"; fi
  else
    echo "$sps_lock cannot be written"
  fi
elif sps_lock_by_file; then
  sps_has_lock=1
  sps_extend_lock ${IDLE_LIMIT_SECONDS}
  echo "${LOCKED}$sps_unpacks"
else
  echo "another run holds $sps_lock.pid"
fi`;

/** The same with the usual limit. */
export const OPENING_SCRIPT = openingScript(LOCK_LIMIT_SECONDS);

/**
 * The command that starts a root shell on the router, whatever the login shell is. Without `id`, any shell will do: the
 * opening script refuses the router there.
 */
export const ROOT_SHELL = `sh -c 'command -v id >/dev/null 2>&1 || exec sh -s; [ "$(id -u)" = 0 ] && exec sh -s; exec sudo -n sh -s'`;
