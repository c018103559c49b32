import { must } from "./run";
import { endOf, type InterfaceName, namespaceName, PLACES, type Place, WIRES } from "./wires";

/** Makes the namespaces and cables and configures every host. The calling process's own namespace becomes `mgmt`. */
export async function makeNetwork(labName: string): Promise<void> {
  await must(["ip", "-batch", "-"], { input: namespacesBatch(labName, process.pid) });
  await Promise.all(PLACES.map((place) => must(inPlace(labName, place, ["sh", "-s"]), { input: placeScript(place) })));
}

/** The command line that runs a command on one of the hosts. */
export function inPlace(labName: string, place: Place, command: readonly string[]): string[] {
  return ["ip", "netns", "exec", namespaceName(labName, place), ...command];
}

/** Sets an interface up or down. Routes that the kernel drops with it come back for all hosts but the router, as after a real cable's flap. */
export async function setLink(labName: string, name: InterfaceName, state: "up" | "down"): Promise<void> {
  const { wire, place } = endOf(name);
  const lines = [`link set ${name} ${state}`];
  if (state === "up" && place !== "router" && place !== "mgmt") {
    lines.push(`route replace default via ${wire.routerAddress}`);
  }
  await must(["ip", "-n", namespaceName(labName, place), "-batch", "-"], { input: lines.join("\n") });
}

function namespacesBatch(labName: string, managementPid: number): string {
  const lines = PLACES.map((place) => {
    const name = namespaceName(labName, place);
    return place === "mgmt" ? `netns attach ${name} ${managementPid}` : `netns add ${name}`;
  });
  for (const wire of Object.values(WIRES)) {
    const router = namespaceName(labName, "router");
    const far = namespaceName(labName, wire.place);
    lines.push(
      `link add ${wire.routerInterface} netns ${router} type veth peer name ${wire.farInterface} netns ${far}`,
    );
  }
  return lines.join("\n");
}

function placeScript(place: Place): string {
  return [
    "set -e",
    "cd /proc/sys/net",
    "[ ! -e ipv6/conf/all/disable_ipv6 ] || echo 1 >ipv6/conf/all/disable_ipv6",
    "for filter in ipv4/conf/*/rp_filter; do echo 0 >$filter; done",
    ...settings(place),
    "ip -batch - <<'LINES'",
    "link set lo up",
    ...(place === "router" ? routerLines() : farLines(place)),
    "LINES",
    "",
  ].join("\n");
}

function settings(place: Place): string[] {
  if (place === "router") return ["echo 1 >ipv4/ip_forward"];
  if (place !== "sps") return [];
  return [
    // The SPS host takes the servers' and clients' addresses for its own; its neighbours must not learn them from ARP.
    "echo 1 >ipv4/conf/all/arp_ignore",
    "echo 2 >ipv4/conf/all/arp_announce",
    // Apart from the client's own range, so that in `client` mode the port still tells a relayed connection from a direct one.
    "echo 10000 32000 >ipv4/ip_local_port_range",
  ];
}

function routerLines(): string[] {
  return Object.values(WIRES).flatMap((wire) => [
    `addr add ${wire.routerAddress}/24 dev ${wire.routerInterface}`,
    `link set ${wire.routerInterface} up`,
  ]);
}

function farLines(place: Exclude<Place, "router">): string[] {
  const wire = WIRES[place];
  const lines = wire.farAddresses.map((address) => `addr add ${address}/24 dev ${wire.farInterface}`);
  lines.push(`link set ${wire.farInterface} up`);
  if (place !== "mgmt") lines.push(`route add default via ${wire.routerAddress}`);
  if (place === "sps") lines.push(...interceptionLines());
  return lines;
}

/**
 * What makes the SPS host a transparent proxy without TPROXY: packets that arrive for a server (or, in `client` mode, for
 * a client) are delivered locally, while what the host itself sends to those addresses leaves through the router. For
 * that the rule of the `local` table, which is first by default, moves behind rules for locally made packets.
 */
function interceptionLines(): string[] {
  const networks = [WIRES.server.network, WIRES.client.network];
  return [
    "rule add pref 100 lookup local",
    ...networks.map((network, index) => `rule add pref ${50 + index} iif lo to ${network} lookup main`),
    "rule del pref 0 lookup local",
    ...networks.map((network) => `route add local ${network} dev lo`),
  ];
}
