import { isIP } from "node:net";
import type { ApplianceConnection, SppConnection } from "../core/connection";
import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { isSameName } from "../core/names";
import { missingRoles, readAdminRoles } from "../spp/appliance-reads";
import { readAssignedCertificates } from "../spp/certificates";
import { SppClient } from "../spp/client";
import { sppFailure } from "../spp/failures";
import { findSessionModule, isLinked, type LinkState, linkState, type SessionModule } from "../spp/session-modules";
import { readStatus, unavailability } from "../spp/status";
import { SpsClient, SpsRefusal } from "../sps/client";
import { CENTRAL_MANAGEMENT, listNodes, ownNode, readInfo } from "../sps/cluster";
import { findDefaultObjects } from "../sps/configuration";
import { listAddresses } from "../sps/network";
import type { JoinReadings } from "./outputs";

/** Identity and join status of both appliances. */
export interface BothSides {
  nodeId: string;
  applianceId: string;
  row: SessionModule | undefined;
  link: LinkState;
  /** Names by which SPP may know the node: its addresses, and its host name when the addresses are unknown or not needed. */
  ownNames: string[];
}

/**
 * Reads both appliances and refuses those that cannot be joined. Changes nothing.
 * @throws SafeguardError SG2110 not the Central Management node, SG2111 unexpected cluster, SG2005 SPP not online, SG2006 permissions,
 * SG2007 replica
 */
export async function readBothSides(sps: SpsClient, spp: SppClient, expectedClusterId?: string): Promise<BothSides> {
  const [info, cluster, status, roles] = await Promise.all([
    readInfo(sps),
    listNodes(sps),
    readStatus(spp),
    readAdminRoles(spp),
  ]);
  if (!info.roles.includes(CENTRAL_MANAGEMENT)) {
    throw new SafeguardError({
      code: "SG2110",
      object: sps.object,
      step: "examine",
      cause: "the node is not a Central Management node, and only that can be joined",
    });
  }
  const { nodeId = "", address } = ownNode(cluster) ?? {};
  if (expectedClusterId !== undefined && !isSameName(expectedClusterId, nodeId)) {
    throw new SafeguardError({
      code: "SG2111",
      object: sps.object,
      step: "examine",
      cause: `its node id is ${nodeId}, but clusterId is ${expectedClusterId}`,
    });
  }
  const unavailable = unavailability(status);
  if (unavailable) throw sppFailure("unavailable", spp.object, "examine", unavailable);
  if (!status.isPrimary) throw sppFailure("replica", spp.object, "examine");
  const missing = missingRoles(roles);
  if (missing.length > 0) throw sppFailure("permission", spp.object, "examine", `missing: ${missing.join(", ")}`);
  const row = await findSessionModule(spp, nodeId);
  const ownNames = await ownNamesOf(sps, row?.addresses ?? [], address, info.hostName);
  return { nodeId, applianceId: status.applianceId, row, link: linkState(row), ownNames };
}

/** Runs `work` with logged-in clients of both appliances. */
export async function withBoth<T>(
  connections: { sps: ApplianceConnection; spp: SppConnection },
  context: OperationContext,
  work: (sps: SpsClient, spp: SppClient) => Promise<T>,
): Promise<T> {
  const [sps, spp] = await Promise.allSettled([
    SpsClient.open(connections.sps, context),
    SppClient.open(connections.spp, context),
  ]);
  try {
    if (sps.status === "rejected") throw sps.reason;
    if (spp.status === "rejected") throw spp.reason;
    return await work(sps.value, spp.value);
  } finally {
    if (sps.status === "fulfilled") await sps.value.close();
    if (spp.status === "fulfilled") await spp.value.close();
  }
}

/** Join status from both sides, and the SPS lists that the account may not read. */
export interface JoinSeen {
  outputs: JoinReadings;
  /** Paths of lists with unknown content. */
  forbidden: string[];
}

/** Reads the join status from both sides. Changes nothing. */
export async function observeJoin(sps: SpsClient, spp: SppClient): Promise<JoinSeen> {
  const [info, cluster, status, findAssigned, { objects, forbidden }] = await Promise.all([
    readInfo(sps),
    listNodes(sps),
    readStatus(spp),
    readAssignedCertificates(spp),
    findDefaultObjects(sps),
  ]);
  const { nodeId = "", address } = ownNode(cluster) ?? {};
  const row = await findSessionModule(spp, nodeId);
  const policies = [...new Set(objects.map((object) => object.name))].sort();
  const link = linkState(row);
  const outputs: JoinReadings = {
    nodeId,
    sppApplianceId: status.applianceId,
    connectionId: row?.id ?? 0,
    joinedAt: row?.createdDate ?? "",
    spsStatus: { joined: policies.length > 0, version: info.firmwareVersion },
    sppStatus: {
      listed: row !== undefined,
      trusted: link === "trusted",
      connected: isLinked(link),
      version: status.version ?? "",
      knownAs: row?.addresses ?? [],
      certificateUserThumbprint: row?.certificateUserThumbprint ?? "",
      certificateExpiresAt: findAssigned(status.applianceId)?.expiresAt ?? "",
    },
    policies,
    health: healthOf(link, policies.length),
    drift: [],
  };
  const own = await ownNamesOf(sps, outputs.sppStatus.knownAs, address, info.hostName);
  outputs.drift = driftOf(outputs, own, status.now);
  return { outputs, forbidden };
}

function healthOf(link: LinkState, policies: number): JoinReadings["health"] {
  if (link === "none") return "not joined";
  if (link !== "trusted") return link;
  return policies > 0 ? "joined" : "no policies";
}

/** Drift that needs a manual fix, one sentence each. `now` in milliseconds since 1970, by SPP's clock. */
export function driftOf({ sppStatus }: Pick<JoinReadings, "sppStatus">, own: readonly string[], now: number): string[] {
  const drift: string[] = [];
  if (sppStatus.connected && sppStatus.knownAs.length > 0 && !isKnownAs(sppStatus.knownAs, own)) {
    drift.push(`SPP knows the node as ${sppStatus.knownAs.join(", ")}, and the node calls itself ${own.join(", ")}`);
  }
  const expires = Date.parse(sppStatus.certificateExpiresAt);
  if (expires <= now) drift.push(`the TLS certificate of SPP expired on ${sppStatus.certificateExpiresAt}`);
  return drift;
}

/**
 * The names to compare with SPP's names of the node. SPP reaches the node at its address (SPP REST reference §15), so a host name counts
 * only where SPP has no address or the node reports none.
 * @param addresses of all network interfaces; undefined when they could not be read
 */
export function ownNamesFor(
  knownAs: readonly string[],
  address: string | undefined,
  hostName: string | undefined,
  addresses: readonly string[] | undefined,
): string[] {
  const isByAddress = addresses !== undefined && knownAs.some((name) => isIP(name) !== 0);
  const names = isByAddress ? [address, ...addresses] : [address, hostName];
  return [...new Set(names.filter((name): name is string => Boolean(name)))];
}

async function ownNamesOf(
  sps: SpsClient,
  knownAs: readonly string[],
  address: string | undefined,
  hostName: string,
): Promise<string[]> {
  // Most nodes have one address, which the cluster also lists.
  const isSettled = address === undefined || knownAs.includes(address) || !knownAs.some((name) => isIP(name) !== 0);
  return ownNamesFor(knownAs, address, hostName, isSettled ? undefined : await readOwnAddresses(sps));
}

/** All IPv4 addresses of the node; undefined when the account may not read them. */
export async function readOwnAddresses(sps: SpsClient): Promise<string[] | undefined> {
  try {
    return (await listAddresses(sps)).map(({ ip }) => ip);
  } catch (error) {
    if (error instanceof SpsRefusal && [403, 404].includes(error.status)) return undefined;
    throw error;
  }
}

/** Whether SPP knows the node by one of its own names. */
export function isKnownAs(knownAs: readonly string[], own: readonly (string | undefined)[]): boolean {
  return own.some((name) => name && knownAs.some((known) => isSameNode(known, name)));
}

/** A node may report its short name while SPP knows its full name. */
function isSameNode(left: string, right: string): boolean {
  const [short, long] = [left.toLowerCase(), right.toLowerCase()].sort((a, b) => a.length - b.length);
  return long === short || (isIP(long ?? "") === 0 && Boolean(long?.startsWith(`${short}.`)));
}
