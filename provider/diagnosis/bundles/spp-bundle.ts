import { SafeguardError } from "../../core/errors";
import { poll } from "../../core/poll";
import type { Download } from "../../https/transport";
import type { SppClient } from "../../spp/client";
import { type SavedFile, saveArchive } from "./archive-file";

export interface SppBundleOptions {
  path: string;
  includeEventLogs: boolean;
  /** Days of logs besides today's; all that SPP keeps when undefined. */
  logDays: number | undefined;
  limitSeconds: number;
  onBytes(bytes: number): void;
}

/**
 * Makes the support bundle of one appliance and saves it. SPP makes it anew for each download and keeps none.
 * @throws SafeguardError SG1017, SG1019, SG1021, SG2006
 */
export async function collectSppBundle(
  client: SppClient,
  { path, includeEventLogs, logDays, limitSeconds, onBytes }: SppBundleOptions,
): Promise<SavedFile> {
  const query = new URLSearchParams({ includeEventLogs: String(includeEventLogs) });
  if (logDays !== undefined) query.set("logRetentionDays", String(logDays));
  const waiting = {
    object: client.object,
    awaiting: "its other support bundle",
    limitSeconds,
    firstMilliseconds: 1000,
    maximumMilliseconds: 10_000,
    code: "SG1019" as const,
  };
  try {
    const download = await poll<Download>(client.context, waiting, async () => {
      const begun = await client.download(`SupportBundle?${query}`, limitSeconds);
      return begun ? { done: begun } : { seen: "SPP makes another one" };
    });
    return await saveArchive(download, { object: client.object, path, kind: "zip" }, onBytes);
  } catch (error) {
    if (!(error instanceof SafeguardError) || error.code !== "SG2006") throw error;
    const remedy = "give it the Appliance or the Auditor permission; the Operations permission is not enough";
    throw new SafeguardError({ ...error.text, code: error.code, remedy });
  }
}
