import type { LabNetwork } from "../network/network";

/** A probe of a router: an ICMP echo request, or a UDP datagram to a port that nobody listens on. */
export interface PacketProbe {
  kind: "echo" | "datagram";
  address: string;
  /** Size with the IP header. */
  bytes: number;
  /** Whether it must not be fragmented. */
  isWhole: boolean;
  hops: number;
  seconds: number;
}

/** What came of a probe; `from` is the host that says so. */
export type PacketFate =
  /** `detail`: the time to live of an answer, the largest packet that fits, or the code of the ICMP message (RFC 792, RFC 1191). */
  | {
      kind: "answered" | "expired" | "fragmentation-needed" | "unreachable";
      from: string;
      milliseconds: number;
      detail: number;
    }
  /** `too-long`: it is larger than what the router's own interface carries. */
  | { kind: "lost" | "too-long" };

/** Sends a probe from the lab's router, through its kernel. */
export async function sendProbe(network: LabNetwork, probe: PacketProbe): Promise<PacketFate> {
  const { kind, address, bytes, isWhole, hops, seconds } = probe;
  const words = [kind, address, bytes, isWhole ? 1 : 0, hops, seconds].map(String);
  const command = ["perl", "-e", PROGRAM, ...words];
  const { stdout, stderr } = await network.exec("router", command, { timeoutSeconds: seconds + 10 });
  const [fate = "", from = "", milliseconds = "", detail = ""] = stdout.trim().split(" ");
  if (fate === "lost" || fate === "too-long") return { kind: fate };
  const answer = { from, milliseconds: Number(milliseconds), detail: Number(detail) };
  if (fate === "answered" || fate === "expired" || fate === "fragmentation-needed" || fate === "unreachable")
    return { kind: fate, ...answer };
  throw new Error(`a probe of the router printed ${JSON.stringify(stdout + stderr)}`);
}

/** One probe, and the first ICMP message that belongs to it. Raw sockets, because not every system has ping and traceroute. */
const PROGRAM = `use strict; use Socket; use Errno; use Time::HiRes "time";
my ($kind, $to, $bytes, $whole, $hops, $seconds) = @ARGV;
my $target = inet_aton($to);
socket(my $icmp, PF_INET, SOCK_RAW, 1) or die "raw socket: $!";
my ($out, $id, $packet, $where) = ($icmp, $$ & 0xffff, "", pack_sockaddr_in(0, $target));
if ($kind eq "echo") {
  my $data = "\\xab\\xcd" x 9012;
  my $body = substr($data, 0, $bytes - 28);
  my $even = pack("CCnnn", 8, 0, 0, $id, 1) . $body . (length($body) % 2 ? "\\0" : "");
  my $sum = 0;
  $sum += $_ for unpack("n*", $even);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum > 0xffff;
  $packet = pack("CCnnn", 8, 0, ~$sum & 0xffff, $id, 1) . $body;
} else {
  socket(my $udp, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
  $out = $udp;
  $id = 33434 + $hops;
  $packet = "\\0" x ($bytes - 28);
  $where = pack_sockaddr_in($id, $target);
}
# IP_MTU_DISCOVER: IP_PMTUDISC_PROBE sends whole packets whatever the kernel has learned, IP_PMTUDISC_DONT splits them.
setsockopt($out, 0, 10, pack("i", $whole ? 3 : 0));
setsockopt($out, 0, 2, pack("i", $hops));
my $start = time;
unless (send($out, $packet, 0, $where)) { print $!{EMSGSIZE} ? "too-long" : "lost"; exit }
while ((my $left = $start + $seconds - time) > 0) {
  my $ready = "";
  vec($ready, fileno($icmp), 1) = 1;
  last unless select($ready, undef, undef, $left);
  my $sender = recv($icmp, my $got, 65535, 0);
  my $from = inet_ntoa((unpack_sockaddr_in($sender))[1]);
  my $at = (ord($got) & 15) * 4;
  my ($type, $code) = unpack("CC", substr($got, $at, 2));
  my $life = ord(substr($got, 8, 1));
  my $ms = int((time - $start) * 1000 + 0.5);
  if ($type == 0) {
    if ($kind eq "echo" && unpack("n", substr($got, $at + 4, 2)) == $id) { print "answered $from $ms $life"; exit }
    next;
  }
  next unless $type == 3 || $type == 11;
  my $sent = substr($got, $at + 8);
  next unless substr($sent, 16, 4) eq $target;
  my $inner = substr($sent, (ord($sent) & 15) * 4);
  next unless unpack("n", substr($inner, $kind eq "echo" ? 4 : 2, 2)) == $id;
  # The own kernel tells its programs so that nobody answers ARP. Nothing of it was on a wire.
  socket(my $own, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
  next if bind($own, pack_sockaddr_in(0, inet_aton($from))) && $from ne $to;
  if ($type == 11) { print "expired $from $ms $code" }
  elsif ($code == 4) { print "fragmentation-needed $from $ms ", unpack("n", substr($got, $at + 6, 2)) }
  elsif ($code == 3 && $kind eq "datagram") { print "answered $from $ms $life" }
  else { print "unreachable $from $ms $code" }
  exit;
}
print "lost";
`;

/** The interface through which the router's kernel sends to an address, and the largest packet that it carries. */
export async function routeTo(
  network: LabNetwork,
  address: string,
): Promise<{ device: string; gateway: string | undefined; mtu: number } | undefined> {
  const { stdout } = await network.exec("router", ["ip", "-o", "route", "get", address]);
  const device = /\bdev (\S+)/.exec(stdout)?.[1];
  if (device === undefined) return undefined;
  return { device, gateway: /\bvia (\S+)/.exec(stdout)?.[1], mtu: await mtuOf(network, device) };
}

/** A route of the main table of the lab's router; without a device, it drops packets. */
export interface KernelRoute {
  network: string;
  length: number;
  device: string | undefined;
  gateway: string | undefined;
  metric: number;
  /** Whether it was added as a static route: the kernel keeps who added a route. */
  isStatic: boolean;
}

/** The IPv4 routes of the main table of the lab's router. */
export async function routesOf(network: LabNetwork): Promise<KernelRoute[]> {
  const { stdout } = await network.exec("router", ["ip", "-4", "-o", "route", "show", "table", "main"]);
  return stdout.split("\n").flatMap((line) => {
    const [, text, rest = ""] =
      /^(?:unreachable |blackhole |prohibit )?(default|[\d.]+(?:\/\d+)?)(.*)$/.exec(line) ?? [];
    if (text === undefined) return [];
    const [destination = "", length = "32"] = (text === "default" ? "0.0.0.0/0" : text).split("/");
    const [, device] = /\bdev (\S+)/.exec(rest) ?? [];
    const metric = Number(/\bmetric (\d+)/.exec(rest)?.[1] ?? 0);
    const isStatic = /\bproto static\b/.test(rest);
    const gateway = /\bvia (\S+)/.exec(rest)?.[1];
    return [{ network: destination, length: Number(length), device, gateway, metric, isStatic }];
  });
}

/** The largest packet that an interface of the router carries, in bytes. */
export async function mtuOf(network: LabNetwork, device: string): Promise<number> {
  const { stdout } = await network.exec("router", ["ip", "-o", "link", "show", "dev", device]);
  return Number(/\bmtu (\d+)/.exec(stdout)?.[1] ?? "1500");
}
