import { isIPv4 } from "node:net";
import type { OperationContext } from "../../core/context";
import { messageOf } from "../../core/errors";
import { SPS_PORT } from "../../join/preflight/facts";
import { type Fact, Gathering, isRead, type Unread } from "../../join/preflight/gathering";
import type { PathTarget, PathTrial } from "../../router/planning/paths";
import { platformContext } from "../../router/platform";
import { PLATFORMS } from "../../router/platforms";
import { portRanges } from "../../router/ports";
import type { Site, SiteRouter } from "../site/inputs";
import type { Destination, PathFacts, SeenCertificate, TcpTest, Viewpoint } from "./facts";
import { seenByRouter } from "./seen-certificate";

/** The most ports that are tried of a redirection: one open port is enough. */
const MAX_PORTS = 5;

/** What a router tries: an address, and which of the ports redirected traffic needs. */
interface RouterTarget extends PathTarget {
  to: Destination;
  needed: readonly number[];
}

/** What a router finds of each address of SPS that it redirects to, and of the appliances' own ports to compare with. */
export async function pathsFromRouter(
  router: SiteRouter,
  site: Pick<Site, "sps" | "spp">,
  limitSeconds: number,
  outer: OperationContext,
): Promise<PathFacts[]> {
  const platform = PLATFORMS.get(router.platform);
  if (!platform) throw new Error(`platform ${router.platform} passed the check and is not registered`);
  const connection = platform.connection.parse(router.router);
  const identity = platform.identify(connection);
  const from: Viewpoint = { kind: "router", object: identity.object };
  const { tryPaths } = platform;
  const redirected = redirectedTargets(router, site);
  const gathering = new Gathering(outer, limitSeconds);
  try {
    const targets = [...redirected, ...applianceTargets(site, redirected, tryPaths !== undefined)];
    const trials: Fact<PathTrial[]> = tryPaths
      ? await gathering.fact(() => tryPaths(connection, targets, platformContext(identity, gathering.context)))
      : { why: platform.noPaths ?? `the product does not try paths on the platform ${router.platform}` };
    return targets.map((target) => {
      const command = platform.pathCommands?.(target);
      const remedy = command === undefined ? {} : { remedy: command };
      const trial = isRead(trials)
        ? (trials.value.find(({ address }) => address === target.address) ?? { why: "it was not tried", ...remedy })
        : { ...trials, ...(trials.code === undefined && remedy) };
      return { ...pathOf(from, target, trial, remedy), ...certificateOf(target, trial, site) };
    });
  } finally {
    gathering.end();
  }
}

function redirectedTargets({ redirections }: SiteRouter, { sps }: Pick<Site, "sps">): RouterTarget[] {
  const ports = new Map<string, Set<number>>();
  for (const { spsAddress, ports: some } of redirections) {
    const known = ports.get(spsAddress) ?? new Set();
    for (const { first } of portRanges(some)) known.add(first);
    ports.set(spsAddress, known);
  }
  return [...ports].map(([address, all]) => {
    const needed = [...all].slice(0, MAX_PORTS);
    const tls = address === sps.address ? { tlsPort: sps.port } : {};
    return { to: { kind: "sps", object: `sps ${address}`, address }, address, ports: needed, needed, ...tls };
  });
}

/**
 * The ports between the appliances, which no router needs itself: where one is open from there, the fault is elsewhere. And their certificates,
 * also where nothing is tried.
 */
function applianceTargets(
  { sps, spp }: Pick<Site, "sps" | "spp">,
  redirected: readonly RouterTarget[],
  isTrying: boolean,
): RouterTarget[] {
  const isTried = (address: string) =>
    // A loopback address is the end of a tunnel of this machine, and another machine at the router.
    isIPv4(address) && !address.startsWith("127.") && !redirected.some((target) => target.address === address);
  return (["sps", "spp"] as const).flatMap((kind): RouterTarget[] => {
    const { address, port } = kind === "sps" ? sps : spp;
    if (!isTried(address)) return [];
    const to = { kind, object: `${kind} ${address}`, address };
    return [{ to, address, ports: isTrying ? [port, SPS_PORT] : [], needed: [], portsOnly: true, tlsPort: port }];
  });
}

function pathOf(
  from: Viewpoint,
  { to, ports, needed, portsOnly }: RouterTarget,
  found: PathTrial | Unread,
  byHand: { remedy?: string } = {},
): PathFacts {
  const need = (port: number): Pick<TcpTest, "need"> => (needed.includes(port) ? { need: "one-of" } : {});
  if ("why" in found) {
    const tcp = ports.map((port): TcpTest => ({ port, ...need(port), result: found }));
    return { from, to, tcp, ...(!portsOnly && { packets: found, hops: found }) };
  }
  const unread = (why: string): Unread => ({ why, ...byHand });
  const tcp = found.tcp.map(
    ({ port, result, why }): TcpTest => ({ port, ...need(port), result: result ? { value: result } : unread(why) }),
  );
  const { packets, hops } = found;
  return {
    ...{ from, to, tcp },
    ...(packets !== undefined && { packets: typeof packets === "string" ? unread(packets) : { value: packets } }),
    ...(hops !== undefined && { hops: typeof hops === "string" ? unread(hops) : { value: hops } }),
  };
}

/** The certificate that arrives at a router. What cannot be tried has no command to type: that one tries ports. */
function certificateOf(
  { to, tlsPort }: RouterTarget,
  found: PathTrial | Unread,
  site: Pick<Site, "sps" | "spp">,
): Pick<PathFacts, "certificate"> {
  if (tlsPort === undefined) return {};
  return { certificate: { port: tlsPort, seen: seenIn(found, to, site[to.kind]) } };
}

function seenIn(
  found: PathTrial | Unread,
  { kind }: Destination,
  connection: Site["sps" | "spp"],
): Fact<SeenCertificate> {
  if ("why" in found) return { ...found, remedy: undefined };
  const { certificates = "it was not tried" } = found;
  if (typeof certificates === "string") return { why: certificates };
  try {
    return { value: seenByRouter(certificates, kind, connection) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}
