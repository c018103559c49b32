import { areNetworksOverlapping } from "../../networks";
import { portRanges } from "../../ports";
import type { Redirection } from "../../redirection";

/** A TCP connection that the router tracks now. */
export interface TrackedConnection {
  client: string;
  server: string;
  port: number;
}

/** The limit of listed connections. */
const LIMIT = 20_000;

const MARK = "@@tracked";

/**
 * Shell text that lists established TCP connections; prints nothing when the router tracks none. It changes nothing.
 */
export const TRACKED_SCRIPT = `{ conntrack -L -p tcp --state ESTABLISHED 2>/dev/null || cat /proc/net/nf_conntrack 2>/dev/null; } |
  grep ESTABLISHED | head -n ${LIMIT} |
  sed -n 's/.* ESTABLISHED src=\\([^ ]*\\) dst=\\([^ ]*\\) sport=[^ ]* dport=\\([0-9]*\\) .*/${MARK} \\1 \\2 \\3/p'`;

/** The connections in the output of that script. */
export function parseTracked(stdout: string): TrackedConnection[] {
  const lines = stdout.matchAll(new RegExp(`^${MARK} ([\\d.]+) ([\\d.]+) (\\d+)$`, "gm"));
  return [...lines].map(([, client = "", server = "", port]) => ({ client, server, port: Number(port) }));
}

/** The connections that a redirection would take if they were opened again, judged by addresses and ports. */
export function matchedBy(
  { clientCidrs, serverCidrs, ports }: Pick<Redirection, "clientCidrs" | "serverCidrs" | "ports">,
  connections: readonly TrackedConnection[],
): TrackedConnection[] {
  const ranges = portRanges(ports);
  const isIn = (address: string, networks: readonly string[]) =>
    networks.some((network) => areNetworksOverlapping(network, address));
  return connections.filter(
    ({ client, server, port }) =>
      (!clientCidrs || isIn(client, clientCidrs)) &&
      isIn(server, serverCidrs) &&
      ranges.some(({ first, last }) => first <= port && port <= last),
  );
}
