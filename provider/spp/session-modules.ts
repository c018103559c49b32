import { z } from "zod";
import { isSameName } from "../core/names";
import type { SppClient } from "./client";

/** How SPP knows an SPS node. */
export interface SessionModule {
  id: number;
  nodeId: string;
  /** Address and host name by which SPP reaches it. */
  addresses: string[];
  isTrusted: boolean;
  /** False for an entry that was disconnected: SPP keeps it without a certificate user (SPP REST reference §7.5). */
  isConnected: boolean;
  /** Thumbprint of the certificate user; empty while it is disconnected. */
  certificateUserThumbprint: string;
  /** As SPP writes it, ISO 8601; empty when unknown. */
  createdDate: string;
}

/** How one SPS stands with SPP (§7.5, §15). */
export type LinkState = "none" | "disconnected" | "untrusted" | "trusted";

/** Not loose: an entry also holds the secrets of the handshake (§7.2). */
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

/** Asked for by name, because a field left out would look like one that is null (§7.6). */
const FIELDS = "Id,NodeId,SpsNetworkAddress,SpsHostName,Trusted,CertificateUserThumbprint,FirmwareVersion,CreatedDate";

/** Every SPS node SPP knows, disconnected entries included. */
export function listSessionModules(client: SppClient): Promise<SessionModule[]> {
  const query = new URLSearchParams({ includeDisconnected: "true", fields: FIELDS });
  return client.get("core", `Cluster/SessionModules?${query}`, z.array(sessionModule));
}

/** The entry of an SPS node; undefined when SPP does not know it. */
export async function findSessionModule(client: SppClient, nodeId: string): Promise<SessionModule | undefined> {
  return entryOfNode(await listSessionModules(client), nodeId);
}

/** Node ids are plain text, which not every version filters by. */
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
