import { z } from "zod";
import type { SpsClient } from "./client";

/** The policy as every reference, or as the bare key of the published sample (SPS REST reference §15). */
const systemBackupAnswer = z.object({
  body: z.looseObject({
    backup_policy: z.union([z.string(), z.looseObject({ key: z.string().nullish() })]).nullish(),
  }),
});

/** Key of the policy by which the node backs itself up; undefined when none is set. One round trip. @throws SpsRefusal */
export async function readSystemBackupPolicy(client: SpsClient): Promise<string | undefined> {
  const { body } = await client.get("/api/configuration/management/system_backup", systemBackupAnswer);
  const policy = body.backup_policy;
  return (typeof policy === "object" ? policy?.key : policy) || undefined;
}
