import { isIP } from "node:net";
import type { OperationContext } from "../../core/context";
import { Transport } from "../../https/transport";
import { SPS_PORT } from "../../join/preflight/facts";
import { type Fact, Gathering, isRead, type Unread, valueIfRead } from "../../join/preflight/gathering";
import { readAssignedCertificates } from "../../spp/certificates";
import { SppClient } from "../../spp/client";
import { entryOfNode, listSessionModules } from "../../spp/session-modules";
import { readStatus } from "../../spp/status";
import { SpsClient } from "../../sps/client";
import { listNodes, ownNode } from "../../sps/cluster";
import { type ClusterInterface, readClusterInterface } from "../../sps/network";
import type { Site } from "../site/inputs";
import { type ConnectFacts, type Destination, HERE, type PathFacts, type Viewpoint } from "./facts";
import { measurePackets, namedAddresses, orByHand, pingCommand, tryPort } from "./from-here";
import { pathsFromRouter } from "./from-router";
import { pathFromSpp, toolsOf, unaskedPath } from "./from-spp";
import type { ConnectOptions } from "./inputs";
import { seenFromHere } from "./seen-certificate";

const WEB_PORT = 443;

/**
 * Tries the network between all parts of a site, in parallel. It changes nothing; only SPP notes in its audit log what its tools did.
 * @throws the signal's reason when the user cancels
 */
export async function gatherConnect(
  site: Site,
  { limitSeconds, asksSpp }: ConnectOptions,
  context: OperationContext,
): Promise<ConnectFacts> {
  const gathering = new Gathering(context, limitSeconds);
  try {
    const [sps, routers] = await Promise.all([
      readSps(site, gathering),
      Promise.all(site.routers.map((router) => pathsFromRouter(router, site, limitSeconds, gathering.context))),
    ]);
    const centralAddress = sps.central ?? site.sps.address;
    const others = (valueIfRead(sps.clusterNodes) ?? []).filter((address) => address !== centralAddress);
    const nodes = [centralAddress, ...others].map(
      (address): Destination => ({ kind: "sps", object: `sps ${address}`, address }),
    );
    const [here, spp] = await Promise.all([
      fromHere(site, nodes, gathering),
      fromSpp(site, nodes, sps.nodeId, asksSpp, gathering),
    ]);
    context.signal.throwIfAborted();
    return {
      gatheredAt: Date.now(),
      paths: [
        ...here,
        ...spp.paths.map(withCertificateOf(site, centralAddress)),
        fromSps(site, centralAddress, spp.trustedSince),
        ...routers.flat(),
      ],
      clusterNodes: sps.clusterNodes,
      clusterInterface: sps.clusterInterface,
      centralAddress,
      sppAddress: site.spp.address,
      sppThumbprint: spp.thumbprint,
    };
  } finally {
    gathering.end();
  }
}

/** What SPS itself says of its network. */
async function readSps({ sps }: Site, gathering: Gathering) {
  const client = await gathering.opened(() => SpsClient.open(sps, gathering.context));
  if (!isRead(client)) {
    const unread: Pick<ConnectFacts, "clusterNodes" | "clusterInterface"> = {
      clusterNodes: client,
      clusterInterface: client,
    };
    return { ...unread, central: undefined, nodeId: undefined };
  }
  try {
    const { cluster, clusterInterface } = await gathering.facts(client.value, {
      cluster: listNodes,
      clusterInterface: readClusterInterface,
    });
    const own = isRead(cluster) ? ownNode(cluster.value) : undefined;
    const clusterNodes: ConnectFacts["clusterNodes"] = isRead(cluster)
      ? { value: cluster.value.nodes.map(({ address }) => address) }
      : cluster;
    return {
      clusterNodes,
      clusterInterface: listenAddress(clusterInterface),
      central: own?.address,
      nodeId: own?.nodeId,
    };
  } finally {
    await client.value.close();
  }
}

/** Where the cluster interface listens, undefined while it is disabled; unread where it listens on an address that is not found. */
export function listenAddress(fact: Fact<ClusterInterface>): ConnectFacts["clusterInterface"] {
  if (!isRead(fact)) return fact;
  const { isEnabled, address } = fact.value;
  if (!isEnabled || address !== undefined) return { value: address };
  const remedy =
    "compare its address in Basic Settings > Local Services > Cluster interface with the one that SPP uses";
  return { why: "it is enabled, and no network card reports its address as IPv4", remedy };
}

/** From this machine: the web interfaces, and the port of the cluster interfaces to compare with what SPP finds. */
async function fromHere({ sps, spp }: Site, nodes: readonly Destination[], gathering: Gathering): Promise<PathFacts[]> {
  const web: [Destination, number, typeof sps | typeof spp][] = [
    [{ kind: "sps", object: `sps ${sps.address}`, address: sps.address }, sps.port, sps],
    [{ kind: "spp", object: `spp ${spp.address}`, address: spp.address }, spp.port, spp],
  ];
  const tcp = (address: string, port: number) => gathering.fact(() => tryPort(address, port, gathering.context.signal));
  const ofWeb = web.map(async ([to, port, connection]): Promise<PathFacts> => {
    const isCentral = to.kind === "sps" && nodes.some(({ address }) => address === to.address);
    const [name, needed, other, packets, seen] = await Promise.all([
      namedAddresses(to.address, gathering),
      tcp(to.address, port),
      isCentral ? tcp(to.address, SPS_PORT) : undefined,
      packetsFromHere(to, gathering),
      gathering.fact(() => seenFromHere(to, connection, gathering.context.signal)),
    ]);
    const more = other ? [{ port: SPS_PORT, result: other }] : [];
    const tests = [{ port, need: "all" as const, result: needed }, ...more];
    return { from: HERE, to, tcp: tests, packets, certificate: { port, seen }, ...(name && { name }) };
  });
  const ofNodes = nodes
    .filter(({ address }) => address !== sps.address)
    .map(async (to): Promise<PathFacts> => {
      const result = await tcp(to.address, SPS_PORT);
      return { from: HERE, to, tcp: [{ port: SPS_PORT, result }] };
    });
  return Promise.all([...ofWeb, ...ofNodes]);
}

async function packetsFromHere(to: Destination, gathering: Gathering): Promise<NonNullable<PathFacts["packets"]>> {
  if (to.kind === "spp") return { why: "SPP answers no ping" };
  const fact = await gathering.fact(() => measurePackets(to.address, gathering.context.signal));
  return orByHand(fact, `type: ${pingCommand(to.address)}`);
}

/** From SPP, by its network tools. */
async function fromSpp(
  { spp }: Site,
  nodes: readonly Destination[],
  nodeId: string | undefined,
  asksSpp: boolean,
  gathering: Gathering,
) {
  const from: Viewpoint = { kind: "spp", object: `spp ${spp.address}` };
  const unasked = (why: Unread) => nodes.map((to) => unaskedPath(from, to, SPS_PORT, why));
  const client = await gathering.opened(() => SppClient.open(spp, gathering.context));
  if (!isRead(client)) {
    const thumbprint: Fact<string | undefined> = client;
    return { paths: unasked(client), thumbprint, trustedSince: undefined };
  }
  const transport = new Transport(from.object, spp, gathering.context);
  try {
    const [thumbprint, modules, paths] = await Promise.all([
      gathering.fact(async () => {
        const reads = [readAssignedCertificates(client.value), readStatus(client.value)] as const;
        const [find, { applianceId }] = await Promise.all(reads);
        return find(applianceId)?.thumbprint;
      }),
      gathering.fact(() => listSessionModules(client.value)),
      asksSpp
        ? Promise.all(
            nodes.map((to) => {
              const run = toolsOf(transport, client.value.userToken);
              return pathFromSpp(from, to, { needed: SPS_PORT, other: WEB_PORT }, run, gathering);
            }),
          )
        : unasked({ why: "it was not wanted", remedy: "leave out --no-spp-tools" }),
    ]);
    const entry = nodeId === undefined ? undefined : entryOfNode(valueIfRead(modules) ?? [], nodeId);
    return { paths, thumbprint, trustedSince: entry?.isTrusted ? entry.createdDate : undefined };
  } finally {
    await transport.close();
    await client.value.close();
  }
}

/** The certificate of SPS as SPP sees it: SPP lists only the one with which SPS logs in (SPP REST reference §7). */
const withCertificateOf =
  ({ sps, spp }: Site, centralAddress: string) =>
  (path: PathFacts): PathFacts => {
    if (path.to.address !== centralAddress) return path;
    const why = "no API of SPP reports which TLS certificate of SPS it sees, only the one with which SPS logs in";
    const remedy = `open Appliance Management > Cluster > Session Appliances on spp ${spp.address} for the state of the connection`;
    return { ...path, certificate: { port: sps.port, seen: { why, remedy } } };
  };

const UNSEEN_BY_SPS =
  "no REST call of SPS reports which certificate of SPP it sees, or which chain it was given at the join";

/** `POST /api/tools/hosts-by-name` (§12.5). */
const UNKNOWN_LOOKUP = "SPS looks names up over REST, and the vendor does not document with which parameters";

/** From SPS: no other REST call of it tries the network (SPS REST reference §12.6), so the web page must. */
function fromSps({ spp }: Site, centralAddress: string, trustedSince: string | undefined): PathFacts {
  const to: Destination = { kind: "spp", object: `spp ${spp.address}`, address: spp.address };
  const page = `open Basic Settings > Troubleshooting on sps ${centralAddress}`;
  const clusterPage = `open Basic Settings > Cluster management on sps ${centralAddress} for the state of the connection`;
  const why = "no REST call of SPS tries it";
  const since = trustedSince ? `, and a join through it succeeded at ${trustedSince}` : "";
  const test = (port: number, more = "") => ({
    ...{ port, need: "all" as const },
    result: { why: why + more, remedy: `${page} and connect to ${spp.address}, port ${port}` },
  });
  return {
    from: { kind: "sps", object: `sps ${centralAddress}` },
    to,
    ...(!isIP(spp.address) && {
      name: { why: UNKNOWN_LOOKUP, remedy: `${page} and ping ${spp.address}, which shows its address` },
    }),
    tcp: [test(WEB_PORT, since), test(SPS_PORT)],
    packets: { why: "SPP answers no ping" },
    hops: { why, remedy: `${page} and trace the route to ${spp.address}` },
    certificate: { port: spp.port, seen: { why: UNSEEN_BY_SPS, remedy: clusterPage } },
  };
}
