import { quoteWord } from "../../../core/shell-word";
import type { Probe } from "../../guard/scripts/probes";
import { addressRange, isWithin } from "../../networks";
import { portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Chain } from "../model/desired";
import type { Found } from "../model/found";
import type { NextHop } from "../model/next-hops";
import { topologyOf } from "../neighbours/lookups";
import type { Decision } from "../plan/decision";
import { isBypassed } from "../watchdog/bypassed";

/**
 * Probes that prove the path to each SPS from the router: SPS answers ARP, the router routes a marked packet of each
 * redirection to SPS, and SPS accepts TCP on one redirected port and on the port of its watchdog. They do not prove
 * that SPS records a session.
 */
export function pathProbes({ desired, found }: Decision): Probe[] {
  const arp = desired.hops.map(({ gateway, device }) => ({
    title: `SPS ${gateway} answers ARP`,
    test: `sps_arp ${quoteWord(gateway)} ${quoteWord(device)}`,
    // Without ARP, or with a static neighbour, the TCP probe proves that SPS is reachable.
    isCovered: true,
  }));
  const decisions = desired.chains.map((chain) => decisionProbe(chain, found));
  const asked = new Map(
    desired.chains.map(({ redirection }) => {
      const ports = portRanges(redirection.ports).map(({ first }) => first);
      return [`${redirection.spsAddress} ${ports}`, { address: redirection.spsAddress, ports }] as const;
    }),
  );
  const tcp = [...asked.values()].map(({ address, ports }) => tcpProbe(address, ports));
  const watched = desired.hops.flatMap(({ gateway, watch }) =>
    watch?.port === undefined || asked.has(`${gateway} ${watch.port}`)
      ? []
      : [tcpProbe(gateway, [watch.port], " (watchdog)")],
  );
  return [...arp, ...decisions, ...tcp, ...watched];
}

/** One open port is enough, because SPS may not serve every redirected port. */
function tcpProbe(address: string, ports: readonly number[], whose = ""): Probe {
  const some = ports.slice(0, MOST_SAMPLES);
  const one = some.length === 1 ? `port ${some[0]}` : `one of the ports ${some.join(", ")}`;
  return {
    title: `SPS ${address} accepts TCP on ${one}${whose}`,
    test: `sps_tcp ${quoteWord(address)} ${some.join(" ")}`,
  };
}

function decisionProbe(chain: Chain, found: Found): Probe {
  const { redirection, hop } = chain;
  const title = `router routes packets of redirection ${redirection.name} to SPS ${hop.gateway}`;
  return { title, test: bypassedTest(chain, found) ?? decisionTest(chain, found) };
}

/** Shell text that reports that the watchdog of a redirection bypasses SPS; undefined when none does. */
export function bypassedTest({ hop }: Chain, found: Found): string | undefined {
  return isBypassed(hop, found) ? `sps_unchecked ${quoteWord("its watchdog bypasses SPS")}` : undefined;
}

/**
 * Shell text that asks the router for its routes of a client's packets: to SPS on every port, and of the other legs;
 * unchecked when the router cannot look it up.
 */
function decisionTest(chain: Chain, found: Found): string {
  const packets = samplePackets(chain.redirection, found);
  const [first] = packets;
  if (!first) return `sps_unchecked ${quoteWord("no client or server address is known")}`;
  const words = packets.flatMap(({ server, client, device }) => [server, client, device]);
  const [port, ...others] = portRanges(chain.redirection.ports).map((range) => range.first);
  const ofPorts = others
    .slice(0, MOST_SAMPLES)
    .map((other) => routeCall(chain, other, [first.server, first.client, first.device]));
  const calls = [routeCall(chain, port, words), ...ofPorts, ...legCalls(chain, first, port, found)];
  if (calls.length === 1) return calls[0] ?? "";
  // The first check decides whether the others count: a reverse-path filter may refuse them all.
  const [decision = "", ...legs] = calls;
  const checks = legs.map((call) => `${call} || [ "$?" = 2 ] || exit 1`);
  const lines = [
    LEG_FUNCTION,
    decision,
    "sps_first=$?",
    '[ "$sps_first" != 1 ] || exit 1',
    ...checks,
    'exit "$sps_first"',
  ];
  return `eval ${quoteWord(lines.join("\n"))}`;
}

/** The same check without the packets; the caller appends server, client and interface of each. */
export function routeCheck(chain: Chain): string {
  return routeCall(chain, portRanges(chain.redirection.ports)[0]?.first, []);
}

/** A port from which a client may connect. */
const CLIENT_PORT = 49152;

function routeCall({ hop }: Chain, port: number | undefined, words: readonly string[]): string {
  const how = `${markWords(hop)}ipproto tcp sport ${CLIENT_PORT} dport ${port}`;
  return ["sps_decision", ...[hop.gateway, hop.device, how, ...words].map(quoteWord)].join(" ");
}

function markWords({ isMarked, mark }: NextHop): string {
  return isMarked ? `mark 0x${mark.toString(16)} ` : "";
}

/** The checks of the other legs: from SPS to the client and to the server, and with the client's address back to SPS. */
function legCalls(
  { redirection, hop }: Chain,
  { server, client, device }: Packet,
  port: number | undefined,
  found: Found,
): string[] {
  const serverDevice = topologyOf(found).deviceTowards(server);
  if (serverDevice === undefined) return [];
  const answer = `ipproto tcp sport ${port} dport ${CLIENT_PORT}`;
  const request = `ipproto tcp sport ${CLIENT_PORT} dport ${port}`;
  const isSpoofing = redirection.addressMode === "client";
  const leg = (to: string, from: string, how: string, towards: string) =>
    `sps_leg ${[to, from, hop.device, how, towards].map(quoteWord).join(" ")}`;
  const back = [
    "sps_decision",
    ...[hop.gateway, hop.device, `${markWords(hop)}${answer}`, client, server, serverDevice].map(quoteWord),
  ];
  const isClientBehind = topologyOf(found).deviceTowards(client) === device;
  return [
    ...(isClientBehind ? [leg(client, server, answer, device)] : []),
    leg(server, isSpoofing ? client : hop.gateway, request, serverDevice),
    ...(isSpoofing ? [back.join(" ")] : []),
  ];
}

/** Defines `sps_leg TO FROM INTERFACE SELECTORS TOWARDS`, which checks the interface towards an address. */
const LEG_FUNCTION = `sps_leg() {
  sps_route=$(ip -4 route get "$1" from "$2" iif "$3" $4 2>&1)
  case "$sps_route" in *" dev $5 "*) return 0 ;; *ross-device*) return 2 ;; esac
  echo "the router routes packets from SPS with source $2 elsewhere: $(echo "$sps_route" | head -n 1)"; return 1
}`;

/** The limit of sampled interfaces, server networks and ports; each sample costs a process on the router. */
const MOST_SAMPLES = 8;

interface Packet {
  server: string;
  client: string;
  device: string;
}

/**
 * Sample packets of a redirection: from each client interface to a server of the first network, and from the first
 * interface to each server network; at most eight of both.
 */
export function samplePackets(redirection: Redirection, found: Found): Packet[] {
  const own = [...found.links.values()].flatMap((link) => link.addresses.map((address) => address.split("/")[0] ?? ""));
  const hostOf = (network: string) => foreignHost(network, own) ?? [];
  const servers = redirection.serverCidrs.slice(0, MOST_SAMPLES).flatMap(hostOf);
  const clients = redirection.clientInterfaces.slice(0, MOST_SAMPLES).flatMap((device) => {
    const networks = clientNetworks(redirection, found.links.get(device)?.addresses ?? []);
    const [client] = networks.flatMap((network) => foreignHost(network, own) ?? []);
    return client === undefined ? [] : [{ device, client }];
  });
  return clients.flatMap((from, index) =>
    (index === 0 ? servers : servers.slice(0, 1)).map((server) => ({ ...from, server })),
  );
}

/** Client networks behind an interface; a source filter there may drop all other addresses. */
function clientNetworks({ clientCidrs }: Redirection, ofInterface: readonly string[]): readonly string[] {
  if (clientCidrs === undefined) return ofInterface;
  const common = clientCidrs.flatMap((clients) =>
    ofInterface.flatMap((network) => {
      if (isWithin(clients, network)) return clients;
      return isWithin(network, clients) ? network : [];
    }),
  );
  return common.length > 0 ? common : clientCidrs;
}

/** The first host of a network that is not the router itself. */
function foreignHost(network: string, own: readonly string[]): string | undefined {
  const { first, last } = addressRange(network);
  const start = last - first > 1 ? first + 1 : first;
  for (let number = start; number <= last && number < start + 300; number += 1) {
    const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
    if (!own.includes(address)) return address;
  }
  return undefined;
}
