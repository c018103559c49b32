import { runOrFail } from "./run";
import { HOSTS, type Host, type InterfaceName, interfaceEnd, LINKS, namespaceName } from "./topology";

/** Creates namespaces and links and configures all hosts. The namespace of the calling process becomes `mgmt`. */
export async function createNetwork(labName: string): Promise<void> {
  await runOrFail(["ip", "-batch", "-"], { input: namespacesBatch(labName, process.pid) });
  await Promise.all(HOSTS.map((host) => runOrFail(onHost(labName, host, ["sh", "-s"]), { input: hostScript(host) })));
}

/** The command line that runs a command on a host. */
export function onHost(labName: string, host: Host, command: readonly string[]): string[] {
  return ["ip", "netns", "exec", namespaceName(labName, host), ...command];
}

/** Sets an interface up or down. Up restores the default route of hosts, but no routes of the router. */
export async function setLink(labName: string, name: InterfaceName, state: "up" | "down"): Promise<void> {
  const { link, host } = interfaceEnd(name);
  const lines = [`link set ${name} ${state}`];
  if (state === "up" && host !== "router" && host !== "mgmt") {
    lines.push(`route replace default via ${link.routerAddress}`);
  }
  await runOrFail(["ip", "-n", namespaceName(labName, host), "-batch", "-"], { input: lines.join("\n") });
}

function namespacesBatch(labName: string, managementPid: number): string {
  const lines = HOSTS.map((host) => {
    const name = namespaceName(labName, host);
    return host === "mgmt" ? `netns attach ${name} ${managementPid}` : `netns add ${name}`;
  });
  for (const link of Object.values(LINKS)) {
    const router = namespaceName(labName, "router");
    const far = namespaceName(labName, link.host);
    lines.push(
      `link add ${link.routerInterface} netns ${router} type veth peer name ${link.farInterface} netns ${far}`,
    );
  }
  return lines.join("\n");
}

function hostScript(host: Host): string {
  return [
    "set -e",
    "cd /proc/sys/net",
    "[ ! -e ipv6/conf/all/disable_ipv6 ] || echo 1 >ipv6/conf/all/disable_ipv6",
    "for filter in ipv4/conf/*/rp_filter; do echo 0 >$filter; done",
    ...settings(host),
    "ip -batch - <<'LINES'",
    "link set lo up",
    ...(host === "router" ? routerLines() : farLines(host)),
    "LINES",
    "",
  ].join("\n");
}

function settings(host: Host): string[] {
  if (host === "router") return ["echo 1 >ipv4/ip_forward"];
  if (host !== "sps") return [];
  return [
    // The SPS host has the addresses of servers and clients as local ones and must not announce them by ARP.
    "echo 1 >ipv4/conf/all/arp_ignore",
    "echo 2 >ipv4/conf/all/arp_announce",
    // Not the range of the client: in mode `client` the port shows whether a connection was relayed.
    "echo 10000 32000 >ipv4/ip_local_port_range",
  ];
}

function routerLines(): string[] {
  return Object.values(LINKS).flatMap((link) => [
    `addr add ${link.routerAddress}/24 dev ${link.routerInterface}`,
    `link set ${link.routerInterface} up`,
  ]);
}

function farLines(host: Exclude<Host, "router">): string[] {
  const link = LINKS[host];
  const lines = link.farAddresses.map((address) => `addr add ${address}/24 dev ${link.farInterface}`);
  lines.push(`link set ${link.farInterface} up`);
  if (host !== "mgmt") lines.push(`route add default via ${link.routerAddress}`);
  if (host === "sps") lines.push(...interceptionLines());
  return lines;
}

/**
 * Makes the SPS host a transparent proxy without TPROXY. Packets that arrive for a server (in mode `client`, also for a
 * client) are delivered locally; packets from the host itself to these addresses leave through the router. Therefore the
 * rule of table `local`, by default the first one, comes after rules for locally generated packets.
 */
function interceptionLines(): string[] {
  const networks = [LINKS.server.network, LINKS.client.network];
  return [
    "rule add pref 100 lookup local",
    ...networks.map((network, index) => `rule add pref ${50 + index} iif lo to ${network} lookup main`),
    "rule del pref 0 lookup local",
    ...networks.map((network) => `route add local ${network} dev lo`),
  ];
}
