import { addressRange, areNetworksOverlapping } from "../../networks";
import type { OpenConnections } from "../../platform";
import { type PortRange, portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Chain } from "../model/desired";
import { rangesText, TRACKING_FUNCTIONS, WITHIN } from "./traffic-script";

/** Established TCP connections from one client to one port of a server with the same mark, as the router tracks them. */
export interface TrackedConnections {
  client: string;
  server: string;
  port: number;
  mark: number;
  count: number;
  /** The interface by which the router reaches the client; empty when it does not, absent when it was not looked up. */
  device?: string;
}

/** The limit of listed combinations of client, server, port and mark, to spare a busy router. */
const LIMIT = 20_000;

/** The limit of clients whose interface is looked up, by one command each. */
const LOOKED_UP = 200;

const [TRACKED, BEHIND] = ["@@tracked", "@@behind"];

/**
 * Shell text that lists the established TCP connections to these ports of these servers, and the interfaces of their
 * clients, those of unmarked connections first. It changes nothing.
 */
export function trackedText(ports: readonly PortRange[], serverCidrs: readonly string[]): string {
  // The kernel lists connections that a flow table forwards without their state. Splitting all lines of a busy router into fields takes long.
  return `${TRACKING_FUNCTIONS}
sps_open=$(sps_tracked | grep -e ESTABLISHED -e OFFLOAD -e '^unlisted' |
  awk -v ports='${rangesText(ports)}' -v servers='${rangesText(serverCidrs.map(addressRange))}' '${WITHIN}
match($0, / dport=[0-9]+/) && !within(substr($0, RSTART + 7, RLENGTH - 7) + 0, ports) { next }
match($0, / dst=[0-9.]+/) && !within(number(substr($0, RSTART + 5, RLENGTH - 5)), servers) { next }'"$sps_parse"'
{ open[client " " server " " to " " (mark + 0)]++ }
END {
  print "${TRACKED}", unlisted ? "unlisted" : "listed"
  for (one in open) if (printed++ < ${LIMIT}) print "${TRACKED}", one, open[one]
}')
printf '%s\n' "$sps_open"
printf '%s\n' "$sps_open" | awk 'NF > 2 { print ($5 != 0), $2 }' | sort -u | head -n ${LOOKED_UP} | while read -r sps_at sps_from; do
  sps_device=$(ip -4 route get "$sps_from" 2>/dev/null); sps_device=\${sps_device#* dev }
  echo "${BEHIND} $sps_from \${sps_device%% *} ."
done`;
}

/** The connections in the output of that script; undefined when the router does not list its tracked connections. */
export function parseTracked(stdout: string): TrackedConnections[] | undefined {
  if (!stdout.includes(`${TRACKED} listed`)) return undefined;
  const behind = stdout.matchAll(new RegExp(`^${BEHIND} ([\\d.]+) (\\S*) \\.$`, "gm"));
  const devices = new Map([...behind].map(([, client = "", device = ""]) => [client, device]));
  const lines = stdout.matchAll(new RegExp(`^${TRACKED} ([\\d.]+) ([\\d.]+) (\\d+) (\\d+) (\\d+)$`, "gm"));
  return [...lines].map(([, client = "", server = "", port, mark, count]) => {
    const device = devices.get(client);
    const flow = { client, server, port: Number(port), mark: Number(mark), count: Number(count) };
    return { ...flow, ...(device !== undefined && { device }) };
  });
}

/**
 * The open connections of clients that a redirection takes, and those that pass SPS by. Connections from SPS to the servers match too: they
 * come from SPS or, where SPS keeps the address of the client, have the mark as well.
 * @param isMarking false when the connections that go to SPS have no mark
 */
export function connectionsOf(
  { redirection, hop }: Chain,
  tracked: readonly TrackedConnections[],
  isMarking: boolean,
): OpenConnections {
  const { name, clientInterfaces, addressMode } = redirection;
  const ofClients = matchedBy(redirection, tracked).filter(
    ({ client, device }) => client !== hop.gateway && (device === undefined || clientInterfaces.includes(device)),
  );
  const marked = ofClients.filter(({ mark }) => mark === hop.mark);
  const sessions =
    addressMode === "client" ? marked.map((one) => ({ ...one, count: Math.ceil(one.count / 2) })) : marked;
  const unmarked = ofClients.filter(({ mark }) => mark === 0);
  const direct = isMarking ? unmarked.filter(({ device }) => device !== undefined) : [];
  const [example] = direct;
  return {
    redirection: name,
    sent: total(sessions),
    direct: total(direct),
    unknown: total(unmarked) - total(direct),
    ...(example && { example: `${example.client} to ${example.server}:${example.port}` }),
  };
}

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
