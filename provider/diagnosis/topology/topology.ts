import type { OperationContext } from "../../core/context";
import { isSameName } from "../../core/names";
import { type Fact, isRead, valueIfRead } from "../../join/preflight/gathering";
import { entryOfNode, linkState, type SessionModule } from "../../spp/session-modules";
import { CENTRAL_MANAGEMENT } from "../../sps/cluster";
import type { RouterFacts, SiteFacts } from "../site/facts";
import { gatherSite } from "../site/gather";
import type { Site } from "../site/inputs";
import { SharedSpp } from "../site/shared-spp";
import type { Topology } from "./schema";

/** Reads what there is of the sites, in their order. Changes nothing. @throws the signal's reason when the user cancels */
export async function readTopologies(
  sites: readonly Site[],
  limitSeconds: number,
  context: OperationContext,
): Promise<Topology[]> {
  const shared = new SharedSpp();
  const read = async (site: Site) =>
    topologyOf(
      site.name,
      await gatherSite(site, { limitSeconds, trafficSeconds: 0, sessionSeconds: 0 }, context, shared),
    );
  return Promise.all(sites.map(read));
}

/** The topology that facts show. */
export function topologyOf(site: string, { pair: { sps, spp }, routers }: SiteFacts): Topology {
  const cluster = valueIfRead(sps.cluster);
  const reports = valueIfRead(sps.reports) ?? [];
  const nodes = (cluster?.nodes ?? []).map(({ nodeId, address, roles }) => {
    const report = reports.find((one) => isSameName(one.nodeId, nodeId));
    const isCentral = roles.includes(CENTRAL_MANAGEMENT);
    const state = report?.status ?? "unknown";
    return { nodeId, address, hostName: report?.hostName ?? "", roles, isCentral, state };
  });
  const central = nodes.find((node) => node.isCentral);
  const isCentral = nodes.length === 0 || isSameName(central?.nodeId ?? "", cluster?.selfId ?? central?.nodeId ?? "");
  const status = valueIfRead(spp.status);
  const own = nodes.map(({ nodeId }) => nodeId);
  const others = (valueIfRead(spp.modules) ?? []).filter(({ nodeId }) => !own.some((id) => isSameName(id, nodeId)));
  return {
    site,
    sps: {
      address: sps.address,
      version: valueIfRead(sps.info)?.firmwareVersion ?? "",
      nodes,
      isCentral,
      notRead: whyNot(sps.cluster),
    },
    spp: {
      address: spp.address,
      version: status?.version ?? "",
      isPrimary: status?.isPrimary,
      members: (valueIfRead(spp.members) ?? []).map(({ applianceId, isLeader, ipv4Address, ipv6Address }) => ({
        applianceId,
        address: ipv4Address ?? ipv6Address ?? "",
        isPrimary: isLeader,
      })),
      notRead: whyNot(spp.modules),
    },
    join: joinOf(central?.nodeId ?? cluster?.selfId, sps.cluster, spp.modules, valueIfRead(sps.joinedSpp)),
    otherClusters: others.map((entry) => ({
      nodeId: entry.nodeId,
      addresses: entry.addresses,
      state: linkState(entry),
    })),
    routers: routers.map(routerOf),
  };
}

const whyNot = (fact: Fact<unknown>) => (isRead(fact) ? undefined : fact.why);

function joinOf(
  nodeId: string | undefined,
  cluster: Fact<unknown>,
  modules: Fact<SessionModule[]>,
  joinedSpp: string | undefined,
): Topology["join"] {
  const unread = whyNot(cluster) ?? whyNot(modules);
  if (unread !== undefined || !isRead(modules)) {
    return { state: "not known", reason: unread ?? "", connectionId: undefined };
  }
  const entry = nodeId === undefined ? undefined : entryOfNode(modules.value, nodeId);
  const link = linkState(entry);
  if (link === "trusted") return { state: "joined", reason: "", connectionId: entry?.id };
  if (link === "none") {
    const missing = "SPP does not list the cluster";
    return joinedSpp === undefined
      ? { state: "not joined", reason: missing, connectionId: undefined }
      : { state: "one-sided", reason: `SPS is joined to ${joinedSpp}, and ${missing}`, connectionId: undefined };
  }
  const reason = link === "untrusted" ? "SPP does not trust it" : "SPP lists it as disconnected";
  return { state: "one-sided", reason, connectionId: entry?.id };
}

function routerOf({ name, object, redirections, wantedRules, reading }: RouterFacts): Topology["routers"][number] {
  const state = isRead(reading) ? stateOf(reading.value?.rules ?? [], wantedRules) : `not read: ${reading.why}`;
  return { name, object, redirections: [...redirections], state, isRead: isRead(reading) };
}

/** The state of a router whose redirections are as the file wants them. */
export const IN_FORCE = "in force";

function stateOf(rules: readonly string[], wanted: readonly string[]): string {
  if (rules.length === 0) return "absent";
  const missing = wanted.filter((rule) => !rules.includes(rule)).length;
  const more = rules.filter((rule) => !wanted.includes(rule)).length;
  if (missing + more === 0) return IN_FORCE;
  return `other than wanted (${missing} of ${wanted.length} rules missing, ${more} more)`;
}
