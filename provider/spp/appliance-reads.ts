import { z } from "zod";
import type { SppClient } from "./client";

/** A member of the SPP cluster. */
export interface SppMember {
  applianceId: string;
  isLeader: boolean;
  ipv4Address: string | undefined;
  ipv6Address: string | undefined;
}

const membersAnswer = z.array(
  z
    .looseObject({
      Id: z.string(),
      IsLeader: z.boolean().nullish(),
      Ipv4Address: z.string().nullish(),
      Ipv6Address: z.string().nullish(),
    })
    .transform(
      (member): SppMember => ({
        applianceId: member.Id,
        isLeader: member.IsLeader ?? false,
        ipv4Address: member.Ipv4Address ?? undefined,
        ipv6Address: member.Ipv6Address ?? undefined,
      }),
    ),
);

/** The members of the SPP cluster (SPP REST reference §6). */
export function readSppMembers(client: SppClient): Promise<SppMember[]> {
  return client.get("core", "Cluster/Members", membersAnswer);
}

/** The operation that holds the lock of the SPP cluster. */
export interface ClusterOperation {
  /** The name as reported by the appliance. */
  name: string;
  /** ISO 8601; undefined when unknown. */
  startedAt: string | undefined;
}

const operationAnswer = z.looseObject({ Operation: z.string(), Started: z.string().nullish() });

/** The running operation of the SPP cluster; undefined when none runs (§6). */
export async function readClusterOperation(client: SppClient): Promise<ClusterOperation | undefined> {
  const { Operation, Started } = await client.get("core", "Cluster/Status", operationAnswer);
  return Operation === "None" ? undefined : { name: Operation, startedAt: Started ?? undefined };
}

/** The permissions that a join needs (SPS Administration Guide, Joining SPS to SPP). */
export const JOIN_ROLES = ["ApplianceAdmin", "OperationsAdmin"] as const;

const meAnswer = z.looseObject({ AdminRoles: z.array(z.string()).nullish() });

/** Roles of the logged-in account (§4.1). */
export async function readAdminRoles(client: SppClient): Promise<string[]> {
  return (await client.get("core", "Me", meAnswer)).AdminRoles ?? [];
}

/** The roles of `JOIN_ROLES` that an account lacks. */
export function missingRoles(roles: readonly string[]): string[] {
  return JOIN_ROLES.filter((role) => !hasRole(roles, role));
}

/** Whether an account sees the access requests of all users (§10). */
export function seesAllRequests(roles: readonly string[]): boolean {
  return hasRole(roles, "PolicyAdmin") || hasRole(roles, "Auditor");
}

const hasRole = (roles: readonly string[], wanted: string) =>
  roles.some((role) => role.toLowerCase() === wanted.toLowerCase());

const FINAL_STATES = ["Closed", "Complete", "Reclaimed"];
const requestsAnswer = z.array(z.looseObject({ State: z.string() }));

/** Number of open access requests that the account sees; only its own unless `seesAllRequests` (§10). */
export async function countOpenRequests(client: SppClient): Promise<number> {
  const requests = await client.get("core", "AccessRequests?fields=Id,State", requestsAnswer);
  return requests.filter((request) => !FINAL_STATES.includes(request.State)).length;
}
