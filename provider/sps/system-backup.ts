import { z } from "zod";
import type { SpsClient } from "./client";

/** A reference object, or the bare key as in the published sample (SPS REST reference §15). */
const systemBackupAnswer = z.object({
  body: z.looseObject({
    backup_policy: z.union([z.string(), z.looseObject({ key: z.string().nullish() })]).nullish(),
  }),
});

/**
 * Key of the system backup policy; undefined when none is set. One round trip.
 * @throws SpsRefusal
 */
export async function readSystemBackupPolicy(client: SpsClient): Promise<string | undefined> {
  const { body } = await client.get("/api/configuration/management/system_backup", systemBackupAnswer);
  const policy = body.backup_policy;
  return (typeof policy === "object" ? policy?.key : policy) || undefined;
}
