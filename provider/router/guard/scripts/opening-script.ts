import { CAN_UNPACK } from "./packed-script";

/** How long to wait for another run that works on the same router, in seconds. */
export const LOCK_LIMIT_SECONDS = 30;

/** What the opening script says when this shell alone works on the router; behind it stands whether it can unpack. */
export const LOCKED = "locked";

/** Stands behind `LOCKED` where scripts may be packed. */
export const UNPACKS = "unpacks";

/** How long a shell may hold the lock without a word from its provider, in seconds; longer than any script may take. */
const IDLE_LIMIT_SECONDS = 150;

/**
 * Shell text that ends a script unless its shell alone works on the router, for scripts that are sent ahead; and lets
 * the shell keep its lock for another while.
 */
export const ONLY_LOCKED = `[ "\${sps_alone-}" = 1 ] || exit 1
sps_busy ${IDLE_LIMIT_SECONDS}`;

/** Shell text that lets the shell keep its lock while changes await their confirmation. */
export function keepLock(windowSeconds: number): string {
  const seconds = Math.max(IDLE_LIMIT_SECONDS, windowSeconds + 60);
  return `if [ "\${sps_alone-}" = 1 ]; then sps_busy ${seconds}; fi`;
}

/** The shell variable with the folder of notes that must not outlive a reboot, such as former kernel settings. */
export const NOTES_FOLDER = "$sps_notes";

/**
 * What every script on the router begins with: a plain environment, deaf to the end of the connection, and the folder
 * of notes.
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
 * Shell variables and functions of the lock that whoever works on redirections of this router holds: `sps_lock` names
 * it, `sps_lock_by_flock` takes it on descriptor 9, which has to be open on it, and `sps_lock_by_file` where there is
 * no flock. Both wait until the second `sps_end`.
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
 * Prepares a shell that is to stay: a plain environment, deaf to the end of the connection (work begun is finished or
 * undone), and alone among all that work on redirections of this router. Prints `locked`, or why not. A shell that
 * holds the lock and has heard nothing for longer than it may is ended by whoever waits: its connection died silently.
 */
export const OPENING_SCRIPT = `${ENVIRONMENT}
sps_alone=
sps_unpacks=
if ${CAN_UNPACK}; then sps_unpacks=" ${UNPACKS}"; fi
${LOCK_FUNCTIONS}
sps_end=$(( $(date +%s) + ${LOCK_LIMIT_SECONDS} ))
sps_busy() {
  { read -r sps_up sps_rest </proc/uptime && echo "$$ $(( \${sps_up%%.*} + $1 ))" >"$sps_lock.busy"; } 2>/dev/null || true
}
if command -v flock >/dev/null 2>&1; then
  if (: >>"$sps_lock") 2>/dev/null; then
    exec 9>>"$sps_lock"
    if sps_lock_by_flock; then sps_alone=1; sps_busy ${IDLE_LIMIT_SECONDS}; echo "${LOCKED}$sps_unpacks"; else echo "another run holds $sps_lock"; fi
  else
    echo "$sps_lock cannot be written"
  fi
elif sps_lock_by_file; then
  sps_alone=1
  sps_busy ${IDLE_LIMIT_SECONDS}
  echo "${LOCKED}$sps_unpacks"
else
  echo "another run holds $sps_lock.pid"
fi`;

/** The command that starts a shell with root rights on the router, whatever the login shell is. */
export const ROOT_SHELL = `sh -c '[ "$(id -u)" = 0 ] && exec sh -s; exec sudo -n sh -s'`;
