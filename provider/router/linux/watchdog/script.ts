import { UNDO } from "../../guard/scripts/guard-folder";
import { ENVIRONMENT, LOCK_FUNCTIONS, NOTES_FOLDER } from "../../guard/scripts/opening-script";
import { PROBE_FUNCTIONS } from "../../guard/scripts/probes";
import { PROTOCOL } from "../model/next-hops";

/** The number of lines in the log of a watchdog. */
const LOG_LINES = 100;

/**
 * The watchdog of one next hop, on the router. Arguments: its folder, its token, the routing table, and the words of
 * its settings; or `ask`, gateway, device and port, to check SPS once and print the result as probes do. It bypasses
 * SPS only after SPS has answered since the start of the watchdog, because a wrong address must not disable auditing; a
 * file keeps this fact when the keeper restarts it. The bypass replaces the route to SPS by one route that ends the
 * lookup in the table; the route to SPS returns when SPS answers. Both happen under the lock of updates, and never
 * while changes wait for confirmation. The current state is read from the table each time. The watchdog ends when its
 * folder no longer belongs to it.
 */
export const WATCHDOG_SCRIPT = `${ENVIRONMENT}
${LOCK_FUNCTIONS}
${PROBE_FUNCTIONS}
sps_check_sps() {
  case "$(ip -4 link show dev "$2" up 2>/dev/null)" in *LOWER_UP*) ;; *) echo "the link is down"; return 1 ;; esac
  if [ "$3" = - ]; then sps_arp "$1" "$2"; else sps_tcp "$1" "$3"; fi
}
if [ "$1" = ask ]; then sps_check_sps "$2" "$3" "$4"; exit; fi
sps_watch=$1; sps_token=$2; sps_table=$3; sps_gateway_address=$4; sps_device=$5; sps_interval=$6; sps_limit=$7; sps_port=$8
# The name includes the token, because a replaced watchdog may still be probing.
sps_seen=$sps_watch/seen.$sps_token
sps_is_mine() { { read -r sps_owner <"$sps_watch/token"; } 2>/dev/null && [ "$sps_owner" = "$sps_token" ]; }
sps_note() {
  logger -t sps-redirect "$1" 2>/dev/null
  printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$sps_watch/log"
  tail -n ${LOG_LINES} "$sps_watch/log" >"$sps_watch/log.new" && mv "$sps_watch/log.new" "$sps_watch/log"
}
sps_note_since() {
  date -u +%Y-%m-%dT%H:%M:%SZ >"$sps_watch/since.new" && [ -s "$sps_watch/since.new" ] && mv "$sps_watch/since.new" "$sps_watch/since"
}
# With -N, some releases of ip print route types as numbers.
sps_routes() { ip -N -4 route show table "$sps_table" 2>/dev/null | sed -e 's/^7 /unreachable /' -e 's/^9 /throw /'; }
sps_is_bypassed() { sps_routes | grep -q '^throw default proto ${PROTOCOL}'; }
sps_lock_for_change() {
  sps_end=$(date +%s)
  if command -v flock >/dev/null 2>&1; then exec 9>>"$sps_lock" && flock -n 9 || return 1
  else sps_lock_by_file || return 1
  fi
  for sps_guard in "${NOTES_FOLDER}"/commit.*; do
    if [ -e "$sps_guard/${UNDO.armed}" ] || [ -e "$sps_guard/${UNDO.running}" ]; then return 1; fi
  done
  sps_is_mine
}
sps_bypass() (
  sps_lock_for_change || exit 1
  if sps_routes | grep -v -e '^unreachable ' -e "^default via $sps_gateway_address dev $sps_device proto ${PROTOCOL}" | grep -q .; then exit 1; fi
  ip -4 route replace throw default table "$sps_table" proto ${PROTOCOL} || exit 1
  sps_note_since
  sps_note "SPS $sps_gateway_address does not answer: its traffic passes directly and is not recorded"
)
sps_redirect() (
  sps_lock_for_change || exit 1
  ip -4 route replace default via "$sps_gateway_address" dev "$sps_device" table "$sps_table" proto ${PROTOCOL} || exit 1
  rm -f "$sps_watch/since"
  sps_note "SPS $sps_gateway_address answers again: its traffic is redirected"
)
sps_is_mine && echo $$ >"$sps_watch/pid" || exit 0
sps_missed=0
sps_answered=0
while sps_is_mine; do
  sps_check_sps "$sps_gateway_address" "$sps_device" "$sps_port" >/dev/null 2>&1
  # A probe that cannot run counts as an answer for the bypass, but proves nothing.
  case "$?" in
    1) sps_answered=0; sps_missed=$((sps_missed + 1)) ;;
    0) sps_missed=0; sps_answered=$((sps_answered + 1)); [ -e "$sps_seen" ] || touch "$sps_seen" ;;
    *) sps_missed=0; sps_answered=$((sps_answered + 1)) ;;
  esac
  if sps_is_bypassed; then
    [ -s "$sps_watch/since" ] || sps_note_since
    [ "$sps_answered" -lt "$sps_limit" ] || sps_redirect
  else
    rm -f "$sps_watch/since"
    if [ "$sps_missed" -ge "$sps_limit" ] && [ -e "$sps_seen" ]; then sps_bypass; fi
  fi
  sps_seconds_left=$sps_interval
  while [ "$sps_seconds_left" -gt 0 ] && sps_is_mine; do sleep 1; sps_seconds_left=$((sps_seconds_left - 1)); done
done
exit 0`;

/** The folder of the watchdog of a table, as shell text; the table may be a shell word. */
export function watchdogFolder(table: number | string): string {
  return `"${NOTES_FOLDER}/watchdog.${table}"`;
}

const END_OF_WATCHDOG = "SPS-END-OF-WATCHDOG";

/** How long a watchdog may need to report that it runs, in steps of 20 ms. */
const STARTING_LOOKS = 150;

/** Shell text that defines `sps_watch_runs`: whether the watchdog in the folder `sps_watch` runs. */
export const RUNNING_FUNCTION = `sps_watch_runs() {
  { read -r sps_pid <"$sps_watch/pid"; } 2>/dev/null && kill -0 "$sps_pid" 2>/dev/null || return 1
  # Not grep: BusyBox grep stops at the first null byte.
  case "$(tr '\\0' ' ' <"/proc/$sps_pid/cmdline" 2>/dev/null)" in *"$sps_watch/"*) return 0 ;; *) return 1 ;; esac
}`;

/**
 * Shell text that defines `sps_watch_start TABLE SETTINGS…`. It starts a watchdog in place of the existing one, unless
 * that runs with the same settings. It fails with a reason when the router cannot check SPS that way. A keeper restarts
 * a watchdog that was killed. systemd restarts a keeper that ended with its watchdog when memory ran out.
 */
export const STARTING_FUNCTIONS = `${RUNNING_FUNCTION}
sps_can_check() {
  sps_detail=$(sh "$sps_watch.new/run.sh" ask "$1" "$2" "$5" </dev/null 2>/dev/null)
  case "$?" in 0) touch "$sps_watch.new/seen.$sps_token"; return ;; 1) return 0 ;; esac
  if [ "$5" = - ]; then sps_remedy="set watchdog.port"; else sps_remedy="remove watchdog.port"; fi
  echo "the watchdog cannot probe SPS $1: \${sps_detail:-its script does not run}; $sps_remedy" >&2
  return 1
}
sps_watch_write() {
  rm -rf "$sps_watch.new" && mkdir -p "$sps_watch.new" || return 1
  cat >"$sps_watch.new/run.sh" <<'${END_OF_WATCHDOG}' || return 1
${WATCHDOG_SCRIPT}
${END_OF_WATCHDOG}
  [ "$(tail -n 1 "$sps_watch.new/run.sh")" = "exit 0" ] || return 1
  sps_can_check "$@" && echo "$*" >"$sps_watch.new/settings" && echo "$sps_token" >"$sps_watch.new/token" &&
    rm -rf "$sps_watch" && mv "$sps_watch.new" "$sps_watch"
}
sps_watch_unit() {
  sps_unit=sps-redirect-watchdog-$sps_table-$sps_token
  # Older releases do not know all properties.
  systemd-run --quiet --collect --unit="$sps_unit" -p Restart=on-failure -p RestartSec=3 "$@" ||
    systemd-run --quiet --collect --unit="$sps_unit" "$@"
}
sps_watch_start() {
  sps_watch=${watchdogFolder("$1")}; sps_table=$1; shift
  if sps_watch_runs && [ "$(cat "$sps_watch/settings" 2>/dev/null)" = "$*" ]; then return 0; fi
  # The token must be unique: a replaced watchdog may still be running.
  sps_token=$(cat /proc/sys/kernel/random/uuid 2>/dev/null) || sps_token=$$.$(date +%s)
  sps_watch_write "$@" || { rm -rf "$sps_watch.new"; rmdir "${NOTES_FOLDER}" 2>/dev/null; return 1; }
  set -- -c 'while [ "$(cat "$0/token" 2>/dev/null)" = "$1" ]; do sh "$0/run.sh" "$0" "$@"; sleep 1; done' "$sps_watch" "$sps_token" "$sps_table" "$@"
  if [ -d "$sps_run/systemd/system" ] && command -v systemd-run >/dev/null 2>&1 &&
    sps_watch_unit /bin/sh "$@" </dev/null >/dev/null 2>&1 9>&-; then :
  elif command -v setsid >/dev/null 2>&1; then setsid sh "$@" </dev/null >/dev/null 2>&1 9>&- &
  else sh "$@" </dev/null >/dev/null 2>&1 9>&- &
  fi
  sps_checks_left=${STARTING_LOOKS}
  until sps_watch_runs; do
    if [ "$sps_checks_left" -le 0 ]; then echo "the watchdog did not start" >&2; return 1; fi
    sleep 0.02 2>/dev/null || { sleep 1; sps_checks_left=$((sps_checks_left - 40)); }
    sps_checks_left=$((sps_checks_left - 1))
  done
}`;
