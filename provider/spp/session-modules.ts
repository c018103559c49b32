import { z } from "zod";
import { isSameName } from "../core/names";
import type { SppClient } from "./client";

/** SPP's entry for an SPS node. */
export interface SessionModule {
  id: number;
  nodeId: string;
  /** Address and host name that SPP uses for the node. */
  addresses: string[];
  isTrusted: boolean;
  /** False for a disconnected entry: SPP keeps it without a certificate user (SPP REST reference §7.5). */
  isConnected: boolean;
  /** Thumbprint of the certificate user; empty while it is disconnected. */
  certificateUserThumbprint: string;
  /** Creation time as SPP formats it, ISO 8601; empty when unknown. */
  createdDate: string;
}

/** State of the link between SPP and one SPS (§7.5, §15). */
export type LinkState = "none" | "disconnected" | "untrusted" | "trusted";

/** Unknown members are dropped, because an entry also holds the secrets of the handshake (§7.2). */
const sessionModule = z
  .object({
    Id: z.number(),
    NodeId: z.string(),
    SpsNetworkAddress: z.string().nullish(),
    SpsHostName: z.string().nullish(),
    Trusted: z.boolean(),
    CertificateUserThumbprint: z.string().nullable(),
    CreatedDate: z.string().nullish(),
  })
  .transform(
    (row): SessionModule => ({
      id: row.Id,
      nodeId: row.NodeId,
      addresses: [row.SpsNetworkAddress, row.SpsHostName].filter((name): name is string => Boolean(name)),
      isTrusted: row.Trusted,
      isConnected: row.CertificateUserThumbprint !== null,
      certificateUserThumbprint: row.CertificateUserThumbprint ?? "",
      createdDate: row.CreatedDate ?? "",
    }),
  );

/** Fields are requested by name, because a missing field would look like null (§7.6). */
const FIELDS = "Id,NodeId,SpsNetworkAddress,SpsHostName,Trusted,CertificateUserThumbprint,FirmwareVersion,CreatedDate";

/** All SPS nodes that SPP lists, including disconnected entries. */
export function listSessionModules(client: SppClient): Promise<SessionModule[]> {
  const query = new URLSearchParams({ includeDisconnected: "true", fields: FIELDS });
  return client.get("core", `Cluster/SessionModules?${query}`, z.array(sessionModule));
}

/** The entry of an SPS node; undefined when SPP has none. */
export async function findSessionModule(client: SppClient, nodeId: string): Promise<SessionModule | undefined> {
  return entryOfNode(await listSessionModules(client), nodeId);
}

/** Compares node ids here, because they are plain text that not every version can filter by. */
export function entryOfNode(entries: readonly SessionModule[], nodeId: string): SessionModule | undefined {
  return entries.find((entry) => isSameName(entry.nodeId, nodeId));
}

export function linkState(entry: Pick<SessionModule, "isTrusted" | "isConnected"> | undefined): LinkState {
  if (!entry) return "none";
  if (!entry.isConnected) return "disconnected";
  return entry.isTrusted ? "trusted" : "untrusted";
}

/** Whether SPP holds a certificate user for the node, trusted or not. */
export function isLinked(link: LinkState): boolean {
  return link === "trusted" || link === "untrusted";
}
