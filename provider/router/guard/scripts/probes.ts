import { quoteWord } from "../../../core/shell-word";
import type { ProbeOptions } from "../../protection";

/** A check that runs on the router. */
export interface Probe {
  /** The check in words that fit after "probe". */
  title: string;
  /** Shell text: a function of `PROBE_FUNCTIONS` with its arguments. */
  test: string;
  /** True when another probe proves the same where this one cannot be checked. */
  isCovered?: boolean;
  /** True when the user requested it; then it is reported when it cannot be checked. */
  isRequested?: boolean;
}

/** The result of a probe. `unchecked` gives the reason why there is no result. */
export interface ProbeResult {
  probe: Probe;
  result: "passed" | "failed" | "unchecked";
  detail: string;
}

const MARK = "@@probe";

/**
 * Shell functions for probes, with the tools of a plain Debian or BusyBox system. They return 0 when the check passes,
 * 1 when it fails, and 2 when it cannot be done, and print the reason. Each takes about three seconds at most. ARP
 * requests change only the neighbour table of the kernel.
 */
export const PROBE_FUNCTIONS = `sps_answer_of() {
  # A tool that rejects its options or does not start has probed nothing.
  case "$1:$2" in
    *[Uu]sage* | *option* | *"No such file"*) return 2 ;;
    0:*) return 0 ;;
    1:* | 124:* | 143:*) return 1 ;;
    *) return 2 ;;
  esac
}
sps_tcp() {
  # Arguments: address and ports. All ports are tried in parallel; one open port is enough.
  sps_to=$1; sps_tries=; sps_worst=1; shift
  [ $# -gt 1 ] || { sps_tcp_port "$sps_to" "$1"; return; }
  for sps_port in "$@"; do sps_tcp_port "$sps_to" "$sps_port" >/dev/null & sps_tries="$sps_tries $!"; done
  for sps_try in $sps_tries; do
    wait "$sps_try"
    case "$?" in 0) sps_worst=0 ;; 2) [ "$sps_worst" = 0 ] || sps_worst=2 ;; esac
  done
  case "$sps_worst" in 1) echo "no TCP connection" ;; 2) echo "no tool for TCP on the router" ;; esac
  return "$sps_worst"
}
sps_tcp_port() {
  for sps_tool in "nc -z -w 2" bash perl "nc -w 2"; do
    command -v "\${sps_tool%% *}" >/dev/null 2>&1 || continue
    case "$sps_tool" in
      bash)
        command -v timeout >/dev/null 2>&1 || continue
        sps_output=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1 >/dev/null) ;;
      perl)
        sps_output=$(perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 2)' "$1" "$2" 2>&1 >/dev/null) ;;
      *) sps_output=$($sps_tool "$1" "$2" </dev/null 2>&1 >/dev/null) ;;
    esac
    sps_answer_of "$?" "$sps_output"
    case "$?" in 0) return 0 ;; 1) echo "no TCP connection"; return 1 ;; esac
  done
  echo "no tool for TCP on the router"; return 2
}
sps_arp() {
  # The kernel does not probe static neighbours, nor neighbours on interfaces without ARP.
  case "$(ip link show dev "$2" 2>/dev/null)" in
    *NOARP*) echo "interface $2 uses no ARP"; return 2 ;;
  esac
  case "$(ip -4 neigh show "$1" dev "$2" nud all)" in
    *PERMANENT* | *NOARP*) echo "the neighbour entry is static"; return 2 ;;
    *lladdr*) ip -4 neigh change "$1" dev "$2" nud probe >/dev/null 2>&1 ;;
    *) ip -4 neigh replace "$1" dev "$2" use >/dev/null 2>&1 ;;
  esac || { echo "ip cannot probe neighbours"; return 2; }
  sps_checks_left=40
  while [ "$sps_checks_left" -gt 0 ]; do
    case "$(ip -4 neigh show "$1" dev "$2")" in *REACHABLE*) return 0 ;; *FAILED*) break ;; esac
    sps_pause=0.05; [ "$sps_checks_left" -le 35 ] || sps_pause=0.01
    sleep "$sps_pause" 2>/dev/null || { sleep 1; sps_checks_left=$((sps_checks_left - 20)); }
    sps_checks_left=$((sps_checks_left - 1))
  done
  echo "no answer to ARP"; return 1
}
sps_host() {
  if command -v ping >/dev/null 2>&1; then
    # A single lost packet is no failure.
    for sps_try in 1 2 3; do ping -c 1 -W 1 "$1" >/dev/null 2>&1 && return 0; done
    echo "no answer to ping"; return 1
  fi
  sps_route=$(ip -4 route get "$1" 2>/dev/null) || { echo "no route"; return 1; }
  case "$sps_route" in
    *" via "* | local*) echo "no ping on the router"; return 2 ;;
    *" dev "*) sps_route=\${sps_route#* dev }; sps_arp "$1" "\${sps_route%% *}" ;;
    *) echo "no ping on the router"; return 2 ;;
  esac
}
sps_gateway() {
  sps_route=$(ip -4 route show default | head -n 1)
  case "$sps_route" in *" via "*) ;; *) echo "the router has no default route with a gateway"; return 2 ;; esac
  sps_via=\${sps_route#* via }; sps_dev=\${sps_route#* dev }
  sps_arp "\${sps_via%% *}" "\${sps_dev%% *}"
}
sps_decision() {
  # Arguments: gateway, interface and selectors of the packets; then server, client and interface of each packet.
  sps_hop=" via $1 dev $2 "; sps_selectors=$3; sps_is_checked=2; shift 3
  while [ $# -ge 3 ]; do
    sps_route=$(ip -4 route get "$1" from "$2" iif "$3" $sps_selectors 2>&1)
    case "$sps_route" in
      *"$sps_hop"*) sps_is_checked=0 ;;
      # The sampled client may not exist, so a reverse-path filter that drops its packets is no failure.
      *ross-device*) sps_refused="$2 on $3" ;;
      *) echo "the router routes $2 on $3 elsewhere: $(echo "$sps_route" | head -n 1)"; return 1 ;;
    esac
    shift 3
  done
  [ "$sps_is_checked" = 0 ] || echo "a reverse-path filter refuses $sps_refused"
  return "$sps_is_checked"
}
sps_unchecked() { echo "$1"; return 2; }
sps_probe() {
  sps_number=$1; shift
  sps_detail=$("$@" 2>/dev/null)
  printf '\\n${MARK} %s %s %s\\n' "$sps_number" "$?" "$sps_detail"
}`;

/**
 * Probes that must pass after the changes if they passed before: the default gateway and the hosts that the user named.
 */
export function managementProbes(options: ProbeOptions): Probe[] {
  return [
    { title: "default gateway", test: "sps_gateway" },
    ...options.hosts.map(({ address, port }) =>
      port === undefined
        ? { title: `host ${address}`, test: `sps_host ${quoteWord(address)}`, isRequested: true }
        : { title: `host ${address} port ${port}`, test: `sps_tcp ${quoteWord(address)} ${port}`, isRequested: true },
    ),
  ];
}

/** Shell text that runs all probes in parallel; `from` is the number of the first. */
export function probingText(probes: readonly Probe[], from = 0): string {
  if (probes.length === 0) return "";
  const runs = probes.map(({ test }, index) => `sps_probe ${from + index} ${test} &`);
  return [PROBE_FUNCTIONS, ...runs, "wait"].join("\n");
}

/** The results of the probes from the output of their script. A probe without a result is unchecked. */
export function parseProbes(stdout: string, probes: readonly Probe[]): ProbeResult[] {
  return probes.map((probe, index) => {
    const said = new RegExp(`\\n${MARK} ${index} (\\d+) (.*)\\n`).exec(stdout);
    const result = { "0": "passed", "1": "failed" }[said?.[1] ?? ""] as ProbeResult["result"] | undefined;
    return { probe, result: result ?? "unchecked", detail: said?.[2] || "no reason given" };
  });
}
