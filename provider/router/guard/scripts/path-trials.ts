import { quoteWord } from "../../../core/shell-word";
import type { PacketSize, PathTarget, PathTrial, TcpResult } from "../../planning/paths";
import { ECHO_HEADER_BYTES, PACKET_SIZES } from "../../planning/paths";

const MARK = "@@trial";

/** The most that is read of a TLS session with its certificates, in bytes. */
const MAX_TLS_BYTES = 60_000;

/** The most hops that are followed. */
const MAX_HOPS = 10;

/**
 * Sends one echo request that must not be fragmented, for routers whose ping has no such option, or that have none. Arguments: address, size
 * of the packet, hops that it may take. It prints what `sps_echo` prints.
 */
const PERL_ECHO = `use Socket; use Errno;
my ($to, $bytes, $ttl) = @ARGV;
socket(my $s, PF_INET, SOCK_RAW, 1) or do { print "no-tool"; exit };
setsockopt($s, 0, 10, pack("i", 3)); setsockopt($s, 0, 2, pack("i", $ttl));
my $id = $$ & 0xffff;
my $data = "x" x ($bytes - ${ECHO_HEADER_BYTES});
my $sum = 0; $sum += $_ for unpack("n*", pack("CCnnn", 8, 0, 0, $id, 1) . $data . (length($data) % 2 ? "\\0" : ""));
$sum = ($sum >> 16) + ($sum & 0xffff) while $sum > 0xffff;
send($s, pack("CCnnn", 8, 0, ~$sum & 0xffff, $id, 1) . $data, 0, pack_sockaddr_in(0, inet_aton($to)))
  or do { print $!{EMSGSIZE} ? "too-big" : "lost"; exit };
my $left = 1;
while ($left > 0) {
  my $r = ""; vec($r, fileno($s), 1) = 1;
  (my $n, $left) = select($r, undef, undef, $left); last unless $n;
  my $from = recv($s, my $p, 65535, 0); my $at = (ord($p) & 15) * 4;
  my ($type, $code) = unpack("CC", substr($p, $at, 2));
  if ($type == 0 && unpack("n", substr($p, $at + 4, 2)) == $id) { print "answered"; exit }
  next unless $type == 3 || $type == 11;
  my $sent = substr($p, $at + 8); $at = (ord($sent) & 15) * 4;
  next unless length($sent) >= $at + 6 && unpack("n", substr($sent, $at + 4, 2)) == $id;
  print $type == 11 ? "hop " . inet_ntoa((unpack_sockaddr_in($from))[1]) : $code == 4 ? "too-big" : "no-way " . inet_ntoa((unpack_sockaddr_in($from))[1]); exit;
}
print "lost";`;

/** Shell functions for trials, with the tools of a plain Debian or BusyBox system. A trial changes nothing on the router. */
const FUNCTIONS = `sps_connect() {
  # Arguments: address and port.
  if command -v bash >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
    sps_said=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); sps_code=$?
  elif command -v perl >/dev/null 2>&1; then
    sps_said=$(perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 3) or do { print $!; exit 1 }' "$1" "$2" 2>&1); sps_code=$?
  elif command -v nc >/dev/null 2>&1; then
    sps_said=$(nc -w 3 "$1" "$2" </dev/null 2>&1); sps_code=$?
  else
    echo no-tool; return
  fi
  case "$sps_code:$sps_said" in
    0:*) echo open ;;
    *efused*) echo refused ;;
    *unreachable* | *"No route"*) echo unreachable ;;
    124:* | 143:* | *"imed out"*) echo silent ;;
    *[Uu]sage* | *option*) echo no-tool ;;
    *) echo not-open ;;
  esac
}
sps_certificates() {
  # Arguments: address and port. Prints what follows the first line of each certificate; the end of the input ends the session.
  command -v timeout >/dev/null 2>&1 || { echo no-tool; return; }
  sps_said=no-tool
  for sps_tool in openssl cpopenssl; do
    command -v "$sps_tool" >/dev/null 2>&1 || continue
    sps_said=$(timeout 5 "$sps_tool" s_client -showcerts -connect "$1:$2" </dev/null 2>/dev/null | head -c ${MAX_TLS_BYTES} |
      sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' | sed 's/^-----BEGIN.*/begin/; /^-----END/d')
    [ -z "$sps_said" ] || { echo "$sps_said"; return; }
    sps_said=none
  done
  echo "$sps_said"
}
sps_echo() {
  # Arguments: address, size of the packet, hops that it may take.
  if command -v ping >/dev/null 2>&1; then
    sps_said=$(LC_ALL=C ping -n -c 1 -W 1 -M do -s $(($2 - ${ECHO_HEADER_BYTES})) -t "$3" "$1" 2>&1)
    case "$sps_said" in
      *" bytes from "*) echo answered; return ;;
      *"ong, mtu"* | *"rag needed"*) echo too-big; return ;;
      *"ime to live exceeded"*) echo "$sps_said" | sed -n 's/^From \\([0-9.]*\\).*/hop \\1/p' | head -n 1; return ;;
      *"From "*nreachable* | *"From "*"acket filtered"*)
        echo "no-way $(echo "$sps_said" | sed -n 's/^From \\([0-9.]*\\).*/\\1/p' | head -n 1)"; return ;;
      *"100% packet loss"* | *nreachable*) echo lost; return ;;
    esac
  fi
  if command -v perl >/dev/null 2>&1; then perl -e "$sps_perl_echo" "$1" "$2" "$3" 2>/dev/null; else echo no-tool; fi
}
sps_fate() {
  # Arguments: address, size of the packet. A single packet also gets lost on a path that is well.
  for sps_try in 1 2 3; do
    sps_result=$(sps_echo "$1" "$2" 64)
    case "$sps_result" in lost | no-way*) ;; *) echo "\${sps_result:-no-tool}"; return ;; esac
    [ "$2" = 64 ] || [ "$(sps_echo "$1" 64 64)" = answered ] || { echo unsteady; return; }
  done
  echo lost
}
sps_packets() {
  sps_first=$(sps_fate "$1" 64)
  [ "$sps_first" = answered ] || { echo "$sps_first 0"; return; }
  sps_larger=fits
  for sps_bytes in ${PACKET_SIZES.join(" ")}; do
    sps_result=$(sps_fate "$1" "$sps_bytes")
    case "$sps_result" in
      answered) echo "$sps_larger $sps_bytes"; return ;;
      too-big) sps_larger=refused ;;
      lost) [ "$sps_larger" = refused ] || sps_larger=lost ;;
      *) echo "$sps_result 0"; return ;;
    esac
  done
  echo "$sps_larger 64"
}
sps_route() {
  sps_ttl=1; sps_mute=0
  while [ "$sps_ttl" -le ${MAX_HOPS} ] && [ "$sps_mute" -lt 3 ]; do
    sps_result=$(sps_echo "$1" 64 "$sps_ttl")
    case "$sps_result" in
      answered) echo "$1"; return ;;
      # The router itself says so where nobody answers ARP; a hop where it has no way on.
      no-way\\ *)
        case "$(ip -4 route get "\${sps_result#no-way }" 2>/dev/null)" in
          local*) echo '*'; sps_mute=$((sps_mute + 1)) ;;
          *) echo "\${sps_result#no-way }"; return ;;
        esac ;;
      hop\\ *) echo "\${sps_result#hop }"; sps_mute=0 ;;
      no-tool) echo no-tool; return ;;
      *) echo '*'; sps_mute=$((sps_mute + 1)) ;;
    esac
    sps_ttl=$((sps_ttl + 1))
  done
}`;

/** Shell text that tries all addresses at the same time. */
export function trialText(targets: readonly PathTarget[]): string {
  const runs = targets.flatMap(({ address, ports, portsOnly, tlsPort }, index) => [
    ...(tlsPort === undefined
      ? []
      : [print(`${index} certificates`, `sps_certificates ${quoteWord(address)} ${tlsPort}`)]),
    ...ports.map((port) => print(`${index} tcp ${port}`, `sps_connect ${quoteWord(address)} ${port}`)),
    ...(portsOnly
      ? []
      : [
          print(`${index} packets`, `sps_packets ${quoteWord(address)}`),
          print(`${index} hops`, `sps_route ${quoteWord(address)}`),
        ]),
  ]);
  return [FUNCTIONS, `sps_perl_echo=${quoteWord(PERL_ECHO)}`, ...runs, "wait"].join("\n");
}

/** Prints a result in one line, in one piece. */
function print(what: string, call: string): string {
  return `{ sps_line=$(${call} | tr '\\n' ' '); printf '${MARK} %s: %s\\n' ${quoteWord(what)} "$sps_line"; } &`;
}

const NO_ECHO = "the router has no perl, and its ping cannot forbid fragments or is not understood";
const NO_TCP = "the router has no tool that opens TCP connections";

const TCP: Record<string, TcpResult> = {
  open: "open",
  refused: "refused",
  silent: "silent",
  unreachable: "unreachable",
  "not-open": "not open",
};

/** The results from the output of `trialText`. */
export function parseTrials(stdout: string, targets: readonly PathTarget[]): PathTrial[] {
  const lines = new Map(
    stdout.split("\n").flatMap((line) => {
      const [, what = "", words] = new RegExp(`^${MARK} (.*): (.*)$`).exec(line) ?? [];
      return words === undefined ? [] : [[what, words.trim().split(" ")] as const];
    }),
  );
  return targets.map(({ address, ports, portsOnly, tlsPort }, index) => ({
    address,
    tcp: ports.map((port) => {
      const [word = ""] = lines.get(`${index} tcp ${port}`) ?? [];
      return { port, result: TCP[word], why: word === "no-tool" ? NO_TCP : "the router did not answer" };
    }),
    ...(!portsOnly && {
      packets: packetsOf(lines.get(`${index} packets`) ?? []),
      hops: hopsOf(lines.get(`${index} hops`) ?? []),
    }),
    ...(tlsPort !== undefined && { certificates: certificatesOf(lines.get(`${index} certificates`) ?? []) }),
  }));
}

function certificatesOf(words: readonly string[]): string[] | string {
  const [first = ""] = words;
  if (first === "no-tool") return "the router has no openssl, or no timeout to limit it";
  if (first !== "begin") return "no certificate arrives at the router";
  const bodies = words.join("\n").split("begin\n").slice(1);
  return bodies.map((body) => `-----BEGIN CERTIFICATE-----\n${body.trim()}\n-----END CERTIFICATE-----\n`);
}

function packetsOf([word, bytes = ""]: readonly string[]): PacketSize | string {
  if (word === "no-tool") return NO_ECHO;
  if (word === "unsteady") return "small packets get lost too, so larger ones prove nothing";
  if (word === "fits") return { bytes: Number(bytes) };
  if (Number(bytes) > 0 && (word === "refused" || word === "lost")) return { bytes: Number(bytes), larger: word };
  return "it does not answer to ping";
}

function hopsOf(words: readonly string[]): PathTrial["hops"] {
  if (words.includes("no-tool")) return NO_ECHO;
  return words.filter((word) => word !== "").map((word) => (word === "*" ? undefined : word));
}
