import { z } from "zod";
import type { SppClient } from "./client";

/** A backup of the SPP appliance. */
export interface SppBackup {
  id: string;
  /** `InProcess` while it is being made; there is no failed state. */
  status: string;
  /** In milliseconds since 1970, by SPP's clock; undefined when it is not told. */
  createdAt: number | undefined;
}

/** Not loose: a backup also holds its password (SPP REST reference §11). */
const backupAnswer = z
  .object({ Id: z.string(), Status: z.string().nullish(), CreatedOn: z.string().nullish() })
  .transform(({ Id, Status, CreatedOn }): SppBackup => {
    const createdAt = Date.parse(CreatedOn ?? "");
    return { id: Id, status: Status ?? "", createdAt: Number.isNaN(createdAt) ? undefined : createdAt };
  });

/** The backups this appliance knows of, in its order (§11). */
export function listBackups(client: SppClient): Promise<SppBackup[]> {
  return client.get("appliance", "Backups?fields=Id,Status,CreatedOn", z.array(backupAnswer));
}

/** Begins a backup (§11). @throws AnswerLost when it is not known whether it began */
export function beginBackup(client: SppClient): Promise<SppBackup> {
  return client.change("POST", "appliance", "Backups", backupAnswer);
}
