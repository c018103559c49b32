import type { Chain } from "../model/desired";
import type { Found } from "../model/found";
import { type Flow, flowsOf, type Topology } from "./flows";
import { hitsIn } from "./walk";

/** Shell text that defines `sps_ipv6`, which prints the rules for IPv6 when the router forwards it. */
export const IPV6_FUNCTION = `sps_ipv6() {
  [ "$(cat /proc/sys/net/ipv6/conf/all/forwarding 2>/dev/null)" = 1 ] || return 0
  echo forwarding
  ! command -v ip6tables-save >/dev/null 2>&1 || ip6tables-save -c 2>/dev/null
}`;

/** A warning when clients reach servers over IPv6, which redirections do not cover. */
export function ipv6Texts({ redirection, hop }: Chain, found: Found, topology: Topology): string[] {
  if (!found.isForwardingIpv6) return [];
  const { clientInterfaces, serverCidrs, ports } = redirection;
  const serverInterfaces =
    redirection.serverInterfaces ?? serverCidrs.flatMap((network) => topology.deviceTowards(network) ?? []);
  const withIpv6 = (names: readonly string[]) => [...new Set(names)].filter((name) => found.links.get(name)?.hasIpv6);
  const [clients, servers] = [withIpv6(clientInterfaces), withIpv6(serverInterfaces)];
  const open = clients.flatMap((from) =>
    servers.flatMap((to) => (from === to || isDropped(from, to) ? [] : `${from} to ${to}`)),
  );
  if (open.length === 0) return [];
  return [
    `the router forwards IPv6 from ${open.join(", ")}, which redirection ${redirection.name} does not cover: connections over IPv6 to its servers are not recorded; drop TCP port ${ports.join(", ")} there with ip6tables, or turn IPv6 forwarding off`,
  ];

  function isDropped(from: string, to: string): boolean {
    const [opening] = flowsOf(redirection, hop, topology);
    if (!opening) return true;
    const { sources: _, destinations: __, ...rest } = opening;
    const flow: Flow = { ...rest, arrivesOn: [from], leavesOn: [to], packetMark: 0, connectionMark: 0, family: "ip6" };
    const hits = found.neighbours.bases.flatMap((base) => hitsIn(base, flow));
    return hits.some(({ action, isSure }) => action.kind === "drop" && isSure);
  }
}
