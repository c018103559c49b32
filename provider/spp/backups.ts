import { z } from "zod";
import type { SppClient } from "./client";

/** A backup of the SPP appliance. */
export interface SppBackup {
  id: string;
  /** The status as reported by the appliance, for messages. There is no failed state. */
  status: string;
  /** Whether the backup is complete; the copy to an archive may still be running. */
  isComplete: boolean;
  /** In milliseconds since 1970, by SPP's clock; undefined when unknown. */
  createdAt: number | undefined;
}

/** Unknown members are dropped, because a backup also holds its password (SPP REST reference §11). */
const backupAnswer = z
  .object({ Id: z.string(), Status: z.string().nullish(), CreatedOn: z.string().nullish() })
  .transform(({ Id, Status, CreatedOn }): SppBackup => {
    const createdAt = Date.parse(CreatedOn ?? "");
    return {
      id: Id,
      status: Status ?? "",
      isComplete: Status !== "InProcess",
      createdAt: Number.isNaN(createdAt) ? undefined : createdAt,
    };
  });

/** The backups of this appliance, in its order (§11). */
export function listBackups(client: SppClient): Promise<SppBackup[]> {
  return client.get("appliance", "Backups?fields=Id,Status,CreatedOn", z.array(backupAnswer));
}

/**
 * Starts a backup (§11).
 * @throws AnswerLost when its start is in doubt
 */
export function startBackup(client: SppClient): Promise<SppBackup> {
  return client.change("POST", "appliance", "Backups", backupAnswer);
}

export function newestOf(backups: readonly SppBackup[]): SppBackup | undefined {
  return [...backups].sort((left, right) => (right.createdAt ?? 0) - (left.createdAt ?? 0))[0];
}

/** The newest complete backup: a running backup does not hide an older one. */
export function newestComplete(backups: readonly SppBackup[]): SppBackup | undefined {
  return newestOf(backups.filter(({ isComplete }) => isComplete));
}
