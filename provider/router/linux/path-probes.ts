import { addressRange } from "../networks";
import { portRanges } from "../ports";
import type { Chain, Desired } from "./desired";
import type { Found } from "./found";
import type { Probe } from "./probes";
import { quoteWord } from "./shell-text";
import { isBypassed } from "./watchdog/withdrawn";

/**
 * What proves the way to each SPS as far as a router can: SPS answers ARP, the router sends a marked packet of each
 * redirection to SPS, and SPS accepts TCP on its first port. None of this proves that SPS records a session.
 */
export function pathProbes(desired: Desired, found: Found): Probe[] {
  const arp = desired.hops.map(({ gateway, device }) => ({
    title: `SPS ${gateway} answers ARP`,
    test: `sps_arp ${quoteWord(gateway)} ${quoteWord(device)}`,
  }));
  const decisions = desired.chains.map((chain) => decisionProbe(chain, found));
  const ports = new Map(
    desired.chains.flatMap(({ redirection }) =>
      portRanges(redirection.ports)
        .slice(0, 1)
        .map(
          ({ first }) => [`${redirection.spsAddress} ${first}`, { address: redirection.spsAddress, first }] as const,
        ),
    ),
  );
  const tcp = [...ports.values()].map(({ address, first }) => ({
    title: `SPS ${address} accepts TCP on port ${first}`,
    test: `sps_tcp ${quoteWord(address)} ${first}`,
  }));
  return [...arp, ...decisions, ...tcp];
}

function decisionProbe({ redirection, hop }: Chain, found: Found): Probe {
  const title = `router sends packets of redirection ${redirection.name} to SPS ${hop.gateway}`;
  if (isBypassed(hop, found)) return { title, test: `sps_unchecked ${quoteWord("its watchdog lets traffic pass")}` };
  const [device = ""] = redirection.clientInterfaces;
  const own = [...found.links.values()].flatMap((link) => link.addresses.map((address) => address.split("/")[0] ?? ""));
  const clients = redirection.clientCidrs ?? found.links.get(device)?.addresses ?? [];
  const client = foreignHost(clients, own);
  const server = foreignHost(redirection.serverCidrs, own);
  if (client === undefined || server === undefined) {
    return { title, test: `sps_unchecked ${quoteWord("no address of a client or server is known")}` };
  }
  const [port] = portRanges(redirection.ports);
  const how = hop.isMarked ? ["mark", `0x${hop.mark.toString(16)}`] : ["ipproto", "tcp", "dport", `${port?.first}`];
  const words = [hop.gateway, hop.device, server, client, device, ...how];
  return { title, test: `sps_decision ${words.map(quoteWord).join(" ")}` };
}

/** The first host of the first network that is not the router itself. */
function foreignHost(networks: readonly string[], own: readonly string[]): string | undefined {
  const [network] = networks;
  if (network === undefined) return undefined;
  const { first, last } = addressRange(network);
  const start = last - first > 1 ? first + 1 : first;
  for (let number = start; number <= last && number < start + 300; number += 1) {
    const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
    if (!own.includes(address)) return address;
  }
  return undefined;
}
