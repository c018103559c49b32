/**
 * Shell functions that tell connections which clients open through new rules from those of before, with what a plain
 * Debian or BusyBox system has. Connections of before are noted in the file `flows` of the run's folder, `sps_guard`.
 * Nothing is changed, and no packet is sent.
 */
export const TRACKING_FUNCTIONS = `sps_tracked() {
  { command -v conntrack >/dev/null 2>&1 && conntrack -L -f ipv4 -p tcp "$@" 2>/dev/null; } ||
    cat /proc/net/nf_conntrack 2>/dev/null || echo untold
}
sps_parts='
/^untold/ { untold = 1; exit 3 }
!/^(ipv4 +2 +)?tcp / { next }
{
  client = server = from = to = mark = ""; answered = 1
  for (at = 1; at <= NF; at++) {
    if ($at == "[UNREPLIED]") answered = 0
    else if (client == "" && $at ~ /^src=/) client = substr($at, 5)
    else if (server == "" && $at ~ /^dst=/) server = substr($at, 5)
    else if (from == "" && $at ~ /^sport=/) from = substr($at, 7)
    else if (to == "" && $at ~ /^dport=/) to = substr($at, 7)
    else if ($at ~ /^mark=/) mark = substr($at, 6) % 256
  }
  flow = client " " from " " server " " to
}'`;

/** At most so many connections of before are noted, so that a busy router is not kept busier. */
const NOTED_LIMIT = 20_000;

/**
 * Shell text that notes the connections of before, of each mark given, or all where none is. Without the file nobody
 * can tell which are new.
 */
export function notingFlows(marks: readonly number[]): string {
  const listings = marks.length === 0 ? ["sps_tracked"] : marks.map((mark) => `sps_tracked -m ${mark}/255`);
  return `${TRACKING_FUNCTIONS}
{ ${listings.join("; ")}; } | awk "$sps_parts"'
noted++ >= ${NOTED_LIMIT} { exit 3 }
{ print flow }' >"$sps_guard/flows.new" && mv "$sps_guard/flows.new" "$sps_guard/flows"`;
}

/** How long a connection that nobody has answered yet is given, and the pause between two looks. */
const GRACE_HUNDREDTHS = 100;
const PAUSE_SECONDS = 0.1;

/**
 * Defines `sps_traffic SECONDS MARK PORTS SERVERS COUNTED [COMMAND…]`. Returns 0 once a connection that is not among
 * those of before, has the mark, and goes to one of the ports and servers, was answered; 1 when clients have tried and
 * none was answered; 2 when none has tried within so many seconds, or nobody can tell. Ports and servers are ranges as
 * pairs of numbers. The command lists the rules with their counters, which stood at COUNTED together.
 */
export const TRAFFIC_FUNCTIONS = `${TRACKING_FUNCTIONS}
sps_hundredths() {
  read -r sps_up sps_rest </proc/uptime
  echo "\${sps_up%.*}\${sps_up#*.}"
}
sps_new_flows() {
  sps_tracked -m "$1/255" | awk -v marked="$1" -v ports="$2" -v servers="$3" -v file="$sps_guard/flows" '
function within(value, text, pairs, count, at) {
  count = split(text, pairs, " ")
  for (at = 1; at < count; at += 2) if (pairs[at] <= value && value <= pairs[at + 1]) return 1
  return 0
}
BEGIN { while ((getline line < file) > 0) before[line] = 1 }'"$sps_parts"'
mark == marked && !(flow in before) && within(to + 0, ports) {
  split(server, octet, ".")
  if (within(((octet[1] * 256 + octet[2]) * 256 + octet[3]) * 256 + octet[4], servers)) count[answered]++
}
END { if (!untold) print count[1] + 0, count[0] + 0 }'
}
sps_traffic() {
  sps_seconds=$1; sps_mark=$2; sps_ports=$3; sps_servers=$4; sps_counted=$5; shift 5
  sps_untold="the router does not tell which connections it tracks"
  [ -f "$sps_guard/flows" ] || { echo "$sps_untold"; return 2; }
  sps_now=$(sps_hundredths); sps_graced=$((sps_now + ${GRACE_HUNDREDTHS})); sps_end=$((sps_now + sps_seconds * 100))
  while :; do
    sps_flows=$(sps_new_flows "$sps_mark" "$sps_ports" "$sps_servers")
    [ -n "$sps_flows" ] || { echo "$sps_untold"; return 2; }
    [ "\${sps_flows% *}" = 0 ] || return 0
    sps_waiting=\${sps_flows#* }
    [ "$sps_waiting" = 0 ] || [ "$sps_end" -ge "$sps_graced" ] || sps_end=$sps_graced
    [ "$(sps_hundredths)" -lt "$sps_end" ] || break
    sleep ${PAUSE_SECONDS} 2>/dev/null || sleep 1
  done
  [ "$sps_waiting" = 0 ] || { echo "$sps_waiting connections of clients are not answered"; return 1; }
  if [ $# -gt 0 ]; then
    sps_count=$("$@" | awk '/sps:[^ ]*:client/ { for (at = 1; at < NF; at++) if ($at == "packets") $1 = $(at + 1); sum += $1 } END { print sum + 0 }')
    if [ "$sps_count" -gt "$sps_counted" ]; then
      echo "$((sps_count - sps_counted)) packets that open connections were taken, and none was answered"; return 1
    fi
  fi
  echo "no client has connected since"; return 2
}`;
