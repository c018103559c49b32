import { z } from "zod";
import type { SppClient } from "./client";
import { namesOf } from "./session-modules";

/** A member of the SPP cluster. */
export interface SppMember {
  applianceId: string;
  isLeader: boolean;
  ipv4Address: string | undefined;
  ipv6Address: string | undefined;
}

/** The operation that holds the lock of the SPP cluster. */
export interface ClusterOperation {
  /** The appliance's own word; `None` when nothing runs. */
  name: string;
  /** ISO 8601; undefined when it is not told. */
  startedAt: string | undefined;
}

/** How SPP knows an SPS node. */
export interface SessionModuleRow {
  id: number;
  nodeId: string;
  /** Address and host name by which SPP reaches it. */
  addresses: string[];
  isTrusted: boolean;
  /** False for a row that was split: SPP keeps it without a certificate. */
  isConnected: boolean;
  /** In milliseconds since 1970; undefined when it is not told. */
  createdAt: number | undefined;
}

const membersAnswer = z.array(
  z.looseObject({
    Id: z.string(),
    IsLeader: z.boolean().nullish(),
    Ipv4Address: z.string().nullish(),
    Ipv6Address: z.string().nullish(),
  }),
);
const operationAnswer = z.looseObject({ Operation: z.string(), Started: z.string().nullish() });
/** Not loose: a row also holds the material of the handshake, which nobody shall keep (SPP REST reference §7.2). */
const modulesAnswer = z.array(
  z.object({
    Id: z.number(),
    NodeId: z.string(),
    SpsNetworkAddress: z.string().nullish(),
    SpsHostName: z.string().nullish(),
    Trusted: z.boolean(),
    CertificateUserThumbprint: z.string().nullable(),
    CreatedDate: z.string().nullish(),
  }),
);
/** Not loose: a backup also holds its password (§11). */
const backupsAnswer = z.array(z.object({ Status: z.string().nullish(), CreatedOn: z.string().nullish() }));
const rolesAnswer = z.looseObject({ AdminRoles: z.array(z.string()).nullish() });

/** The members of the SPP cluster (§6). One round trip. */
export async function readSppMembers(client: SppClient): Promise<SppMember[]> {
  const members = await client.get("core", "Cluster/Members", membersAnswer);
  return members.map((member) => ({
    applianceId: member.Id,
    isLeader: member.IsLeader ?? false,
    ipv4Address: member.Ipv4Address ?? undefined,
    ipv6Address: member.Ipv6Address ?? undefined,
  }));
}

/** The lock of the SPP cluster (§6). One round trip. */
export async function readClusterOperation(client: SppClient): Promise<ClusterOperation> {
  const { Operation, Started } = await client.get("core", "Cluster/Status", operationAnswer);
  return { name: Operation, startedAt: Started ?? undefined };
}

/** Every SPS node SPP knows, split rows included (§7.5). All fields are asked for (§7.6). One round trip. */
export async function readSessionModuleRows(client: SppClient): Promise<SessionModuleRow[]> {
  const rows = await client.get("core", "Cluster/SessionModules?includeDisconnected=true", modulesAnswer);
  return rows.map((row) => {
    const createdAt = Date.parse(row.CreatedDate ?? "");
    return {
      id: row.Id,
      nodeId: row.NodeId,
      addresses: namesOf(row),
      isTrusted: row.Trusted,
      isConnected: row.CertificateUserThumbprint !== null,
      createdAt: Number.isNaN(createdAt) ? undefined : createdAt,
    };
  });
}

/** When the newest finished backup was made, in milliseconds since 1970; undefined when there is none (§11). One round trip. */
export async function readNewestBackup(client: SppClient): Promise<number | undefined> {
  const backups = await client.get("appliance", "Backups?fields=Status,CreatedOn", backupsAnswer);
  const times = backups
    .filter((backup) => backup.Status !== "InProcess")
    .map((backup) => Date.parse(backup.CreatedOn ?? ""))
    .filter((time) => !Number.isNaN(time));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Roles of the logged-in account (§4.1). One round trip. */
export async function readAdminRoles(client: SppClient): Promise<string[]> {
  return (await client.get("core", "Me", rolesAnswer)).AdminRoles ?? [];
}

const FINAL_STATES = ["Closed", "Complete", "Reclaimed"];
const requestsAnswer = z.array(z.looseObject({ State: z.string() }));

/** How many open access requests the account sees; without an auditing role those are only its own (§10). One round trip. */
export async function countOpenRequests(client: SppClient): Promise<number> {
  const requests = await client.get("core", "AccessRequests?fields=Id,State", requestsAnswer);
  return requests.filter((request) => !FINAL_STATES.includes(request.State)).length;
}
