import { addressRange } from "../networks";
import { portRanges } from "../ports";
import type { Chain, Desired } from "./desired";
import type { Found } from "./found";
import type { Probe } from "./probes";
import { quoteWord } from "./shell-text";
import { isBypassed } from "./watchdog/withdrawn";

/**
 * What proves the way to each SPS as far as a router can: SPS answers ARP, the router sends a marked packet of each
 * redirection to SPS, and SPS accepts TCP on its first port and on the one that its watchdog asks. None of this proves
 * that SPS records a session.
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
  const tcp = [...ports.values()].map(({ address, first }) => tcpProbe(address, first));
  const watched = desired.hops.flatMap(({ gateway, watch }) =>
    watch?.port === undefined || ports.has(`${gateway} ${watch.port}`)
      ? []
      : [tcpProbe(gateway, watch.port, " (watchdog)")],
  );
  return [...arp, ...decisions, ...tcp, ...watched];
}

function tcpProbe(address: string, port: number, whose = ""): Probe {
  return { title: `SPS ${address} accepts TCP on port ${port}${whose}`, test: `sps_tcp ${quoteWord(address)} ${port}` };
}

function decisionProbe(chain: Chain, found: Found): Probe {
  const { redirection, hop } = chain;
  const title = `router sends packets of redirection ${redirection.name} to SPS ${hop.gateway}`;
  return { title, test: bypassedTest(chain, found) ?? decisionTest(chain, found) };
}

/** Shell text that says of a redirection that its watchdog lets traffic pass; undefined where none does. */
export function bypassedTest({ hop }: Chain, found: Found): string | undefined {
  return isBypassed(hop, found) ? `sps_unchecked ${quoteWord("its watchdog lets traffic pass")}` : undefined;
}

/** Shell text that asks the router whether it sends packets of a redirection to SPS; unchecked where nobody can ask. */
export function decisionTest({ redirection, hop }: Chain, found: Found): string {
  const [device = ""] = redirection.clientInterfaces;
  const own = [...found.links.values()].flatMap((link) => link.addresses.map((address) => address.split("/")[0] ?? ""));
  const clients = redirection.clientCidrs ?? found.links.get(device)?.addresses ?? [];
  const client = foreignHost(clients, own);
  const server = foreignHost(redirection.serverCidrs, own);
  if (client === undefined || server === undefined) {
    return `sps_unchecked ${quoteWord("no address of a client or server is known")}`;
  }
  const [port] = portRanges(redirection.ports);
  const how = hop.isMarked ? ["mark", `0x${hop.mark.toString(16)}`] : ["ipproto", "tcp", "dport", `${port?.first}`];
  const words = [hop.gateway, hop.device, server, client, device, ...how];
  return `sps_decision ${words.map(quoteWord).join(" ")}`;
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
