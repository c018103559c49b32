import { joinRanges, type PortRange } from "../../ports";

/**
 * Shell functions that distinguish new connections of clients from existing ones, with the tools of a plain Debian or
 * BusyBox system. The file `flows` in the folder of the run, `sps_guard`, lists the existing connections. The functions
 * change nothing and send no packets.
 */
export const TRACKING_FUNCTIONS = `sps_tracked() {
  { command -v conntrack >/dev/null 2>&1 && conntrack -L -f ipv4 -p tcp "$@" 2>/dev/null; } ||
    cat /proc/net/nf_conntrack 2>/dev/null || echo unlisted
}
sps_parse='
/^unlisted/ { unlisted = 1; exit 3 }
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

/** Functions of awk: whether a number is within ranges, and the number of an address. */
export const WITHIN = `
function within(value, text, pairs, count, at) {
  count = split(text, pairs, " ")
  for (at = 1; at < count; at += 2) if (pairs[at] <= value && value <= pairs[at + 1]) return 1
  return 0
}
function number(address, octet) {
  split(address, octet, ".")
  return ((octet[1] * 256 + octet[2]) * 256 + octet[3]) * 256 + octet[4]
}
`;

/** Ranges of ports or addresses as the scripts read them: sorted pairs of numbers, with adjacent ranges joined. */
export function rangesText(ranges: readonly PortRange[]): string {
  return joinRanges(ranges, 1)
    .map(({ first, last }) => `${first} ${last}`)
    .join(" ");
}

/** The limit of noted connections, to spare a busy router. */
const NOTED_LIMIT = 20_000;

/**
 * Shell text that notes the existing connections of each given mark, or all without marks. Without the file, new
 * connections cannot be recognized.
 */
export function notingFlows(marks: readonly number[]): string {
  const listings = marks.length === 0 ? ["sps_tracked"] : marks.map((mark) => `sps_tracked -m ${mark}/255`);
  return `${TRACKING_FUNCTIONS}
{ ${listings.join("; ")}; } | awk "$sps_parse"'
noted++ >= ${NOTED_LIMIT} { exit 3 }
{ print flow }' >"$sps_guard/flows.new" && mv "$sps_guard/flows.new" "$sps_guard/flows"`;
}

/** How long a new connection may stay unanswered. */
const GRACE_HUNDREDTHS = 100;

/** The pause between two checks grows by 0.1 s up to this, to spare a busy router. */
const LONGEST_PAUSE_TENTHS = 20;

/** The clients to wait for: those whose connections have the mark and go to one of the ports and servers. */
export interface AwaitedClients {
  redirection: string;
  mark: number;
  /** Sorted ranges as pairs of numbers, separated by spaces. */
  ports: string;
  servers: string;
}

/**
 * Shell text that waits, for at most this many seconds in total, until each redirection has an answered new connection.
 * With 0 it checks once; an unanswered connection gets one more second. Sets `sps_clients` for `sps_traffic`; empty
 * when the router cannot list connections.
 */
export function awaitingText(clients: readonly AwaitedClients[], seconds: number): string {
  const marks = new Set(clients.map(({ mark }) => mark));
  const [mark] = marks;
  const filter = marks.size === 1 ? `-m ${mark}/255` : "";
  const lines = clients.map((one) => [one.redirection, one.mark, one.ports, one.servers].join("|"));
  return `${TRAFFIC_FUNCTIONS}
sps_await ${seconds} '${lines.join(";")}' ${filter}`;
}

/**
 * Defines `sps_await SECONDS CLIENTS [FILTER…]`, see there, and `sps_traffic REDIRECTION DECISION COUNTED DEVICES
 * [COMMAND…]`. `sps_traffic` returns 0 when a client of the redirection was answered and DECISION confirms that the
 * router routes its packets to SPS. It returns 1 when DECISION fails, or when clients have tried and none was answered;
 * 2 when none has tried, or the result is unknown. DECISION is quoted words; server, client and interface of the
 * packets are appended. DEVICES are the client interfaces; the one by which the router reaches the client is used. The
 * command lists the rules with their counters, whose earlier sum was COUNTED.
 */
const TRAFFIC_FUNCTIONS = `${TRACKING_FUNCTIONS}
sps_hundredths() {
  read -r sps_up sps_rest </proc/uptime
  echo "\${sps_up%.*}\${sps_up#*.}"
}
sps_new_flows() {
  sps_wanted=$1; shift
  sps_tracked "$@" | awk -v wanted="$sps_wanted" -v file="$sps_guard/flows" '${WITHIN}
BEGIN {
  while ((getline line < file) > 0) before[line] = 1
  kinds = split(wanted, wish, ";")
  for (kind = 1; kind <= kinds; kind++) {
    split(wish[kind], part, "|")
    name[kind] = part[1]; marked[kind] = part[2]; ports[kind] = part[3]; servers[kind] = part[4]
    marks[part[2]] = 1
  }
}'"$sps_parse"'
mark in marks && !(flow in before) {
  address = number(server)
  for (kind = 1; kind <= kinds; kind++)
    if (mark == marked[kind] && within(to + 0, ports[kind]) && within(address, servers[kind])) {
      count[kind, answered]++
      if (answered) pair[kind] = client "/" server
    }
}
END {
  if (unlisted) exit
  for (kind = 1; kind <= kinds; kind++) {
    if (count[kind, 1]) continue
    lacking++
    if (count[kind, 0]) waiting++
  }
  printf "%d/%d", lacking, waiting
  for (kind = 1; kind <= kinds; kind++) printf " %s=%d/%d/%s", name[kind], count[kind, 1], count[kind, 0], pair[kind]
}'
}
sps_await() {
  sps_begun=$(sps_hundredths); sps_end=$((sps_begun + $1 * 100)); shift
  sps_clients=; sps_pause=1
  [ -f "$sps_guard/flows" ] || return 0
  while sps_clients=$(sps_new_flows "$@"); do
    case "\${sps_clients%% *}" in "" | 0/*) break ;; */0) ;; *)
      [ "$sps_end" -ge $((sps_begun + ${GRACE_HUNDREDTHS})) ] || sps_end=$((sps_begun + ${GRACE_HUNDREDTHS})) ;;
    esac
    sps_remaining=$((sps_end - $(sps_hundredths)))
    [ "$sps_remaining" -gt 0 ] || break
    [ "$((sps_pause * 10))" -le "$sps_remaining" ] || sps_pause=$((sps_remaining / 10 + 1))
    sleep "$((sps_pause / 10)).$((sps_pause % 10))" 2>/dev/null || sleep 1
    [ "$sps_pause" -ge ${LONGEST_PAUSE_TENTHS} ] || sps_pause=$((sps_pause + 1))
  done
}
sps_traffic() {
  sps_redirection=$1; sps_route_check=$2; sps_counted=$3; sps_devices=$4; shift 4
  case "$sps_clients" in *" $sps_redirection="*) ;; *)
    echo "the router does not list its tracked connections"; return 2 ;;
  esac
  sps_entry=\${sps_clients#* "$sps_redirection="}; sps_entry=\${sps_entry%% *}
  if [ "\${sps_entry%%/*}" != 0 ]; then
    sps_pair=\${sps_entry#*/*/}; sps_from=\${sps_pair%/*}
    sps_client_device=$(ip -4 route get "$sps_from" 2>/dev/null); sps_client_device=\${sps_client_device#* dev }; sps_client_device=\${sps_client_device%% *}
    case " $sps_devices " in *" $sps_client_device "*) sps_devices=$sps_client_device ;; esac
    eval "set -- $sps_route_check"
    for sps_device in $sps_devices; do set -- "$@" "\${sps_pair#*/}" "$sps_from" "$sps_device"; done
    sps_detail=$("$@"); sps_status=$?
    [ "$sps_status" = 0 ] || echo "a client was answered, but $sps_detail"
    return "$sps_status"
  fi
  sps_entry=\${sps_entry#*/}; sps_entry=\${sps_entry%%/*}
  [ "$sps_entry" = 0 ] || { echo "unanswered connections of clients: $sps_entry"; return 1; }
  if [ $# -gt 0 ]; then
    sps_count=$("$@" | awk -v own="sps:$sps_redirection:client" 'index($0, own) { for (at = 1; at < NF; at++) if ($at == "packets") $1 = $(at + 1); sum += $1 } END { print sum + 0 }')
    if [ "$sps_count" -gt "$sps_counted" ]; then
      echo "redirected packets that open connections: $((sps_count - sps_counted)), and none was answered"; return 1
    fi
  fi
  echo "no client has connected since"; return 2
}`;
