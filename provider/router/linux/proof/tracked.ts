import { areNetworksOverlapping } from "../../networks";
import type { OpenConnections } from "../../platform";
import { type PortRange, portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Chain } from "../model/desired";
import { rangesText, TRACKING_FUNCTIONS } from "./traffic-script";

/** Established TCP connections from one client to one port of a server with the same mark, as the router tracks them. */
export interface TrackedConnections {
  client: string;
  server: string;
  port: number;
  mark: number;
  count: number;
  /** The interface by which the router reaches the client; absent when that was not looked up. */
  device?: string;
}

/** The limit of listed connections, to spare a busy router. */
const LIMIT = 20_000;

/** The limit of clients whose interface is looked up, by one command each. */
const LOOKED_UP = 200;

const [TRACKED, BEHIND] = ["@@tracked", "@@behind"];

/**
 * Shell text that lists the established TCP connections to these ports, and the interfaces of their clients. It changes nothing.
 */
export function trackedText(ports: readonly PortRange[]): string {
  return `${TRACKING_FUNCTIONS}
sps_open=$(sps_tracked --state ESTABLISHED | grep -e ESTABLISHED -e '^unlisted' | head -n ${LIMIT} |
  awk -v ports='${rangesText(ports)}' "$sps_parse"'
{
  for (at = 1; at < split(ports, pairs, " "); at += 2)
    if (pairs[at] <= to + 0 && to + 0 <= pairs[at + 1]) { open[client " " server " " to " " (mark + 0)]++; break }
}
END { print "${TRACKED}", unlisted ? "unlisted" : "listed"; for (one in open) print "${TRACKED}", one, open[one] }')
printf '%s\\n' "$sps_open"
printf '%s\\n' "$sps_open" | awk 'NF > 2 { print $2 }' | sort -u | head -n ${LOOKED_UP} | while read -r sps_from; do
  sps_device=$(ip -4 route get "$sps_from" 2>/dev/null); sps_device=\${sps_device#* dev }
  echo "${BEHIND} $sps_from \${sps_device%% *}"
done`;
}

/** The connections in the output of that script; undefined when the router does not list its tracked connections. */
export function parseTracked(stdout: string): TrackedConnections[] | undefined {
  if (!stdout.includes(`${TRACKED} listed`)) return undefined;
  const behind = stdout.matchAll(new RegExp(`^${BEHIND} ([\\d.]+) (\\S+)$`, "gm"));
  const devices = new Map([...behind].map(([, client = "", device = ""]) => [client, device]));
  const lines = stdout.matchAll(new RegExp(`^${TRACKED} ([\\d.]+) ([\\d.]+) (\\d+) (\\d+) (\\d+)$`, "gm"));
  return [...lines].map(([, client = "", server = "", port, mark, count]) => {
    const device = devices.get(client);
    const flow = { client, server, port: Number(port), mark: Number(mark), count: Number(count) };
    return { ...flow, ...(device !== undefined && { device }) };
  });
}

/**
 * The open connections that a redirection takes, and those of the same clients that pass SPS by. Connections from SPS to the
 * servers match too: they arrive by another interface, come from SPS, or, where SPS keeps the address of the client, each
 * belongs to a marked one.
 */
export function connectionsOf({ redirection, hop }: Chain, tracked: readonly TrackedConnections[]): OpenConnections {
  const matching = matchedBy(redirection, tracked);
  const marked = matching.filter(({ mark }) => mark === hop.mark);
  const sent = new Map(marked.map((one) => [pathOf(one), one.count]));
  const direct = matching
    .filter(({ client, device, mark }) => mark === 0 && client !== hop.gateway && isOneOf(device, redirection))
    .map((one) => ({ ...one, count: one.count - (sent.get(pathOf(one)) ?? 0) }))
    .filter(({ count }) => count > 0);
  const [example] = direct;
  return {
    redirection: redirection.name,
    sent: total(marked),
    direct: total(direct),
    ...(example && { example: `${example.client} to ${example.server}:${example.port}` }),
  };
}

const pathOf = ({ client, server, port }: TrackedConnections) => `${client} ${server} ${port}`;

const isOneOf = (device: string | undefined, { clientInterfaces }: Redirection) =>
  device !== undefined && clientInterfaces.includes(device);

const total = (connections: readonly TrackedConnections[]) => connections.reduce((sum, { count }) => sum + count, 0);

/** The connections that a redirection would take if they were opened again, judged by addresses and ports. */
function matchedBy(
  { clientCidrs, serverCidrs, ports }: Redirection,
  tracked: readonly TrackedConnections[],
): TrackedConnections[] {
  const ranges = portRanges(ports);
  const isIn = (address: string, networks: readonly string[]) =>
    networks.some((network) => areNetworksOverlapping(network, address));
  return tracked.filter(
    ({ client, server, port }) =>
      (!clientCidrs || isIn(client, clientCidrs)) &&
      isIn(server, serverCidrs) &&
      ranges.some(({ first, last }) => first <= port && port <= last),
  );
}
