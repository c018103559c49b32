import { UNDO } from "../guard-folder";
import { PROTOCOL } from "../next-hops";
import { ENVIRONMENT, LOCK_FUNCTIONS, NOTES_FOLDER } from "../opening-script";
import { PROBE_FUNCTIONS } from "../probes";

/** How many lines a watchdog's log keeps. */
const LOG_LINES = 100;

/**
 * The watchdog of one way to SPS, on the router. Arguments: its folder, its token, the routing table, and the words of
 * its settings. It lets traffic pass by one route that ends the look-up in the table, in the place of the way to SPS,
 * and puts the way back when SPS answers; both under the lock that updates hold, and never while changes await their
 * confirmation. What it has done before is read from the table each time. It ends when its folder is not its own any more.
 */
export const WATCHDOG_SCRIPT = `${ENVIRONMENT}
${LOCK_FUNCTIONS}
${PROBE_FUNCTIONS}
sps_watch=$1; sps_token=$2; sps_table=$3; sps_gateway_address=$4; sps_device=$5; sps_interval=$6; sps_most=$7; sps_port=$8
sps_is_mine() { { read -r sps_owner <"$sps_watch/token"; } 2>/dev/null && [ "$sps_owner" = "$sps_token" ]; }
sps_note() {
  logger -t sps-redirect "$1" 2>/dev/null
  printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$sps_watch/log"
  tail -n ${LOG_LINES} "$sps_watch/log" >"$sps_watch/log.new" && mv "$sps_watch/log.new" "$sps_watch/log"
}
sps_is_silent() {
  case "$(ip -4 link show dev "$sps_device" up 2>/dev/null)" in *LOWER_UP*) ;; *) return 0 ;; esac
  if [ "$sps_port" = - ]; then sps_arp "$sps_gateway_address" "$sps_device" >/dev/null 2>&1
  else sps_tcp "$sps_gateway_address" "$sps_port" >/dev/null 2>&1
  fi
  # Whoever cannot be asked is not silent.
  [ "$?" = 1 ]
}
# Types by name, which -N turns into numbers with some releases of ip.
sps_routes() { ip -N -4 route show table "$sps_table" 2>/dev/null | sed -e 's/^7 /unreachable /' -e 's/^9 /throw /'; }
sps_is_passing() { sps_routes | grep -q '^throw default proto ${PROTOCOL}'; }
sps_take_turn() {
  sps_end=$(date +%s)
  if command -v flock >/dev/null 2>&1; then exec 9>>"$sps_lock" && flock -n 9 || return 1
  else sps_lock_by_file || return 1
  fi
  for sps_guard in "${NOTES_FOLDER}"/commit.*; do
    if [ -e "$sps_guard/${UNDO.armed}" ] || [ -e "$sps_guard/${UNDO.running}" ]; then return 1; fi
  done
  sps_is_mine
}
sps_let_pass() (
  sps_take_turn || exit 1
  if sps_routes | grep -v -e '^unreachable ' -e "^default via $sps_gateway_address dev $sps_device proto ${PROTOCOL}" | grep -q .; then exit 1; fi
  ip -4 route replace throw default table "$sps_table" proto ${PROTOCOL} || exit 1
  date -u +%Y-%m-%dT%H:%M:%SZ >"$sps_watch/since"
  sps_note "SPS $sps_gateway_address is silent: its traffic passes directly and unaudited"
)
sps_redirect() (
  sps_take_turn || exit 1
  ip -4 route replace default via "$sps_gateway_address" dev "$sps_device" table "$sps_table" proto ${PROTOCOL} || exit 1
  rm -f "$sps_watch/since"
  sps_note "SPS $sps_gateway_address answers again: its traffic is redirected"
)
sps_is_mine && echo $$ >"$sps_watch/pid" || exit 0
sps_missed=0
sps_answered=0
while sps_is_mine; do
  if sps_is_silent; then sps_answered=0; sps_missed=$((sps_missed + 1))
  else sps_missed=0; sps_answered=$((sps_answered + 1))
  fi
  if sps_is_passing; then
    [ -e "$sps_watch/since" ] || date -u +%Y-%m-%dT%H:%M:%SZ >"$sps_watch/since"
    [ "$sps_answered" -lt "$sps_most" ] || sps_redirect
  else
    rm -f "$sps_watch/since"
    [ "$sps_missed" -lt "$sps_most" ] || sps_let_pass
  fi
  sps_left=$sps_interval
  while [ "$sps_left" -gt 0 ] && sps_is_mine; do sleep 1; sps_left=$((sps_left - 1)); done
done
exit 0`;

/** The folder of the watchdog of a table, as shell text; the table may be a word of the shell. */
export function watchdogFolder(table: number | string): string {
  return `"${NOTES_FOLDER}/watchdog.${table}"`;
}

const END_OF_WATCHDOG = "SPS-END-OF-WATCHDOG";

/** How long a watchdog may take to answer that it runs, in steps of 20 ms. */
const STARTING_LOOKS = 150;

/** Shell text that defines `sps_watch_runs`: whether the watchdog in the folder `sps_watch` is alive. */
export const RUNNING_FUNCTION = `sps_watch_runs() {
  { read -r sps_dog <"$sps_watch/pid"; } 2>/dev/null && kill -0 "$sps_dog" 2>/dev/null || return 1
  # Not with grep: that of BusyBox ends at the first null byte.
  case "$(tr '\\0' ' ' <"/proc/$sps_dog/cmdline" 2>/dev/null)" in *"$sps_watch/"*) return 0 ;; *) return 1 ;; esac
}`;

/**
 * Shell text that defines `sps_watch_start TABLE SETTINGS…`: starts a watchdog in the place of the one that is there,
 * unless that runs with the same settings. It fails, and says why, where the router cannot ask SPS that way. A keeper
 * starts a watchdog again that somebody has killed.
 */
export const STARTING_FUNCTIONS = `${RUNNING_FUNCTION}
sps_can_ask() {
  if [ "$5" != - ]; then
    for sps_tool in nc bash perl; do command -v "$sps_tool" >/dev/null 2>&1 && return 0; done
    echo "the router has no tool for TCP (nc, bash or perl); leave watchdog.port out" >&2
    return 1
  fi
  case "$(ip -4 neigh show "$1" dev "$2" 2>/dev/null)" in *PERMANENT* | *NOARP*) ;; *) return 0 ;; esac
  echo "SPS $1 is a fixed neighbour, which is not asked by ARP; set watchdog.port" >&2
  return 1
}
sps_watch_write() {
  rm -rf "$sps_watch" "$sps_watch.new" && mkdir -p "$sps_watch.new" || return 1
  cat >"$sps_watch.new/run.sh" <<'${END_OF_WATCHDOG}' || return 1
${WATCHDOG_SCRIPT}
${END_OF_WATCHDOG}
  [ "$(tail -n 1 "$sps_watch.new/run.sh")" = "exit 0" ] || return 1
  echo "$*" >"$sps_watch.new/settings" && echo "$sps_token" >"$sps_watch.new/token" && mv "$sps_watch.new" "$sps_watch"
}
sps_watch_start() {
  sps_watch=${watchdogFolder("$1")}; sps_table=$1; shift
  if sps_watch_runs && [ "$(cat "$sps_watch/settings" 2>/dev/null)" = "$*" ]; then return 0; fi
  sps_token=$$.$(date +%s)
  sps_can_ask "$@" && sps_watch_write "$@" || return 1
  set -- -c 'while [ "$(cat "$0/token" 2>/dev/null)" = "$1" ]; do sh "$0/run.sh" "$0" "$@"; sleep 1; done' "$sps_watch" "$sps_token" "$sps_table" "$@"
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1 &&
    systemd-run --quiet --collect --unit="sps-redirect-watchdog-$sps_table-$sps_token" /bin/sh "$@" </dev/null >/dev/null 2>&1 9>&-; then :
  elif command -v setsid >/dev/null 2>&1; then setsid sh "$@" </dev/null >/dev/null 2>&1 9>&- &
  else sh "$@" </dev/null >/dev/null 2>&1 9>&- &
  fi
  sps_looks=${STARTING_LOOKS}
  until sps_watch_runs; do
    if [ "$sps_looks" -le 0 ]; then echo "the watchdog did not start" >&2; return 1; fi
    sleep 0.02 2>/dev/null || { sleep 1; sps_looks=$((sps_looks - 40)); }
    sps_looks=$((sps_looks - 1))
  done
}`;
