import { UNDO } from "../../guard/scripts/guard-folder";
import { ENVIRONMENT, LOCK_FUNCTIONS, LOCK_LIMIT_SECONDS, NOTES_FOLDER } from "../../guard/scripts/opening-script";
import { noteAt, settingAt } from "../plan/steps";
import { MARKER, PERSISTENCE_FOLDER, RUNNER, UNIT } from "./services";

/** The last line of the file of every redirection: it proves that the file is complete. */
export const REDIRECTION_END = "# end of redirection";

/** How often restoring is retried, every 2 s: an interface may come up late. */
const TRIES = 30;

/** How often to check whether other runs are finished: longer than the longest commit window. */
const BUSY_TRIES = 450;

/**
 * The program on the router that restores the confirmed redirections. It never runs in parallel to the provider or
 * while changes wait for confirmation, because the timer may still roll them back. The files of redirections use its
 * functions: `sps_source_check DEVICE`, and `sps_policy_rules` and `sps_iptables nft|legacy CHAIN`, which read lines.
 */
export const RUNNER_TEXT = `#!/bin/sh
# ${MARKER}
${ENVIRONMENT}
exec </dev/null
sps_folder=${PERSISTENCE_FOLDER}
sps_mode=\${1-}
sps_device=\${2-}
sps_has_device() { cat "$sps_folder"/*.sh 2>/dev/null | grep -qxF "# device $sps_device"; }
if [ "$sps_mode" = link ]; then
  sps_has_device || exit 0
  if [ -d /run/systemd/system ] && systemctl --no-block restart ${UNIT} 2>/dev/null; then exit 0; fi
  # Do not block the dispatcher that runs this hook.
  if command -v setsid >/dev/null 2>&1; then setsid /bin/sh ${RUNNER} device "$sps_device" </dev/null >/dev/null 2>&1 &
  else /bin/sh ${RUNNER} device "$sps_device" </dev/null >/dev/null 2>&1 &
  fi
  exit 0
fi
sps_source_check() {
  # Not read: it reads single bytes, and these files then return no line break.
  sps_own=$(cat ${settingAt('"$1"')} 2>/dev/null) && sps_effective=$(cat ${settingAt("all")}) || return 1
  [ "$sps_own" -le "$sps_effective" ] || sps_effective=$sps_own
  [ "$sps_effective" = 1 ] || return 0
  [ -e ${noteAt('"$1"')} ] || { mkdir -p "${NOTES_FOLDER}" && echo "$sps_own" >${noteAt('"$1"')}; } || return 1
  echo 2 >${settingAt('"$1"')}
}
sps_policy_rules() {
  # A rule that exists already is no failure.
  sps_errors=$(ip -4 -force -batch - 2>&1 | grep -v -e 'File exists' -e '^Command failed')
  [ -z "$sps_errors" ] && return 0
  printf '%s\\n' "$sps_errors" >&2
  return 1
}
sps_iptables() {
  sps_tool=iptables-$1
  case "$(iptables -V 2>/dev/null)" in
  *nf_tables*) [ "$1" = nft ] && sps_tool=iptables ;;
  iptables*) [ "$1" = legacy ] && sps_tool=iptables ;;
  esac
  sps_saved=$("$sps_tool-save" -t mangle </dev/null) || return 1
  # With native nftables rules in it, the table is not printed, but single chains are.
  case "$sps_saved" in *incompatible*) sps_saved=$("$sps_tool" -t mangle -S PREROUTING </dev/null) || return 1 ;; esac
  {
    echo '*mangle'
    printf '%s\\n' "$sps_saved" | sed -n "s/^-A \\(.* -j $2\\)\\$/-D \\1/p"
    cat
    echo COMMIT
  } | "$sps_tool-restore" -w 10 --noflush
}
sps_restore_one() (
  sps_bad=0
  if [ "$(tail -n 1 "$1")" = "${REDIRECTION_END}" ]; then . "$1"; else echo "$1 is incomplete" >&2; sps_bad=1; fi
  exit "$sps_bad"
)
sps_restore() (
  sps_end=$(( $(date +%s) + ${LOCK_LIMIT_SECONDS} ))
  if command -v flock >/dev/null 2>&1; then
    exec 9>>"$sps_lock" || exit 2
    sps_lock_by_flock || exit 2
  else
    sps_lock_by_file || exit 2
  fi
  for sps_guard in "${NOTES_FOLDER}"/commit.*; do
    if [ -e "$sps_guard/${UNDO.armed}" ] || [ -e "$sps_guard/${UNDO.running}" ]; then exit 2; fi
  done
  sps_all=0
  for sps_file in "$sps_folder"/*.sh; do
    case "$(head -n 1 "$sps_file" 2>/dev/null)" in "# ${MARKER}: redirection "*) ;; *) continue ;; esac
    [ "$sps_mode" != device ] || grep -qxF "# device $sps_device" "$sps_file" || continue
    sps_restore_one "$sps_file" || sps_all=1
  done
  exit "$sps_all"
)
${LOCK_FUNCTIONS}
if [ "$sps_mode" = early ]; then
  # The default route to SPS cannot exist yet, but the unreachable route can.
  sps_restore
  exit 0
fi
sps_tries=${TRIES}
sps_busy_tries=${BUSY_TRIES}
while :; do
  sps_restore
  case $? in
  0) exit 0 ;;
  2) sps_busy_tries=$((sps_busy_tries - 1)) ;;
  *) sps_tries=$((sps_tries - 1)) ;;
  esac
  if [ "$sps_tries" -le 0 ] || [ "$sps_busy_tries" -le 0 ]; then exit 1; fi
  sleep 2
done`;
