import { SafeguardError } from "../core/errors";
import { meAnswer, type SessionModule, statusAnswer } from "../spp/answers";
import type { SppClient } from "../spp/client";
import { sppFailure } from "../spp/failures";
import { findSessionModule, type LinkState, linkState } from "../spp/session-modules";
import type { SpsClient } from "../sps/client";
import { CENTRAL_MANAGEMENT, listNodes, readInfo } from "../sps/cluster";
import { findNamed } from "../sps/configuration";

/** The permissions the join guide asks for (SPS Administration Guide, Joining SPS to SPP). */
export const NEEDED_ROLES = ["ApplianceAdmin", "OperationsAdmin"] as const;

/** Text that the names of the objects SPS makes at a join contain. */
export const DEFAULT_OBJECTS = "safeguard_default";

/** Who the two appliances are and how they stand to each other. */
export interface BothSides {
  nodeId: string;
  applianceId: string;
  row: SessionModule | undefined;
  link: LinkState;
}

/**
 * Reads both appliances and refuses what cannot be joined. Changes nothing.
 * @throws SafeguardError SG2110 not the Central Management node, SG2111 another cluster than the program means,
 * SG2005 SPP not online, SG2006 permissions, SG2007 replica
 */
export async function readBothSides(sps: SpsClient, spp: SppClient, expectedClusterId?: string): Promise<BothSides> {
  const [info, { selfId, nodes }, status, me] = await Promise.all([
    readInfo(sps),
    listNodes(sps),
    spp.get("notification", "Status", statusAnswer),
    spp.get("core", "Me", meAnswer),
  ]);
  if (!info.roles.includes(CENTRAL_MANAGEMENT)) {
    throw new SafeguardError({
      code: "SG2110",
      object: sps.object,
      step: "examine",
      cause: "the node is not a Central Management node, and only that can be joined",
      remedy: "point sps.address at the Central Management node, or make the cluster first (SpsCluster)",
    });
  }
  const nodeId = selfId ?? nodes.find((node) => node.roles.includes(CENTRAL_MANAGEMENT))?.nodeId ?? "";
  if (expectedClusterId !== undefined && expectedClusterId !== nodeId) {
    throw new SafeguardError({
      code: "SG2111",
      object: sps.object,
      step: "examine",
      cause: `its node id is ${nodeId}, but clusterId is ${expectedClusterId}`,
      remedy: "point sps.address at the Central Management node of that cluster",
    });
  }
  if (status.ApplianceCurrentState !== "Online" || status.IsMaintenance) {
    throw sppFailure("unavailable", spp.object, "examine", `that it is ${status.ApplianceCurrentState}`);
  }
  if (!status.IsPrimary) throw sppFailure("replica", spp.object, "examine");
  const missing = NEEDED_ROLES.filter((role) => !me.AdminRoles.includes(role));
  if (missing.length > 0) throw sppFailure("permission", spp.object, "examine", `missing: ${missing.join(", ")}`);
  const row = await findSessionModule(spp, nodeId);
  return { nodeId, applianceId: status.ApplianceId, row, link: linkState(row) };
}

/** What is recorded of a join: both sides' own words. */
export interface JoinOutputs {
  /** Node id of the Central Management node, by which SPP knows it. */
  nodeId: string;
  sppApplianceId: string;
  /** Id of the session module on SPP; 0 while there is none. */
  connectionId: number;
  /** When SPP made its entry, ISO 8601; empty while there is none. */
  joinedAt: string;
  /** The SPS side: whether it has made its policies. */
  sps: { joined: boolean };
  /** The SPP side: whether it lists the node, trusts it, and holds its certificate user. */
  spp: { listed: boolean; trusted: boolean; connected: boolean };
  /** Names of the objects SPS made at the join. */
  policies: string[];
  /** `joined` when both sides agree, else what is amiss. */
  health: "joined" | "not joined" | "disconnected" | "untrusted" | "no policies";
}

/** What both sides say of the join, and which lists of SPS this user may not read. */
export interface JoinSeen {
  outputs: JoinOutputs;
  /** Paths; what stands there is not known. */
  forbidden: string[];
}

/** Reads what both sides say of the join. Changes nothing. */
export async function observeJoin(sps: SpsClient, spp: SppClient): Promise<JoinSeen> {
  const { selfId, nodes } = await listNodes(sps);
  const nodeId = selfId ?? nodes.find((node) => node.roles.includes(CENTRAL_MANAGEMENT))?.nodeId ?? "";
  const [status, row, { objects, forbidden }] = await Promise.all([
    spp.get("notification", "Status", statusAnswer),
    findSessionModule(spp, nodeId),
    findNamed(sps, DEFAULT_OBJECTS),
  ]);
  const policies = [...new Set(objects.map((object) => object.name))].sort();
  const link = linkState(row);
  const outputs: JoinOutputs = {
    nodeId,
    sppApplianceId: status.ApplianceId,
    connectionId: row?.Id ?? 0,
    joinedAt: row?.CreatedDate ?? "",
    sps: { joined: policies.length > 0 },
    spp: {
      listed: row !== undefined,
      trusted: link === "trusted",
      connected: link === "trusted" || link === "untrusted",
    },
    policies,
    health: healthOf(link, policies.length),
  };
  return { outputs, forbidden };
}

function healthOf(link: LinkState, policies: number): JoinOutputs["health"] {
  if (link === "none") return "not joined";
  if (link !== "trusted") return link;
  return policies > 0 ? "joined" : "no policies";
}
