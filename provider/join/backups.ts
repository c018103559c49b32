import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import { AnswerLost } from "../https/failures";
import { listBackups, newestComplete, newestOf, type SppBackup, startBackup } from "../spp/backups";
import type { SppClient } from "../spp/client";
import { readNow } from "../spp/status";
import { type SpsClient, SpsRefusal } from "../sps/client";
import { readSystemBackupPolicy } from "../sps/system-backup";

/** Backup rules before a join. The join cannot be undone, not even by restoring a backup of SPP. */
export interface BackupOrder {
  /** `take`: creates a backup and waits for it. `require`: demands one from the last seven days. `skip`: skips the check. */
  spp: "take" | "require" | "skip";
  /** `require`: demands a system backup policy on SPS. `skip`: skips the check. */
  sps: "require" | "skip";
}

/**
 * A completed backup that is younger than this is reused, because an interrupted run created it. SPP reports only its start, so the maximum
 * wait for a backup is added.
 */
const OWN_MILLISECONDS = 10 * 60_000;
/** A backup older than this does not count as recent. */
export const RECENT_MILLISECONDS = 7 * 86_400_000;

/**
 * Ensures that SPP has a backup.
 * @returns its id; empty for `skip`
 * @throws SafeguardError SG2209 no recent backup (`require`), SG2120 the new backup did not complete in time or disappeared
 */
export async function ensureSppBackup(
  spp: SppClient,
  wanted: BackupOrder["spp"],
  limitSeconds: number,
  context: OperationContext,
): Promise<string> {
  if (wanted === "skip") return "";
  const [backups, now] = await Promise.all([listBackups(spp), readNow(spp)]);
  const isYoung = (backup: SppBackup | undefined, milliseconds: number): backup is SppBackup =>
    backup?.createdAt !== undefined && now - backup.createdAt <= milliseconds;
  if (wanted === "require") {
    const newest = newestComplete(backups);
    if (isYoung(newest, RECENT_MILLISECONDS)) return newest.id;
    throw new SafeguardError({
      code: "SG2209",
      object: spp.object,
      step: "back up",
      cause: "it has no finished backup of the last seven days",
    });
  }
  const newest = newestOf(backups);
  const { id } = isYoung(newest, OWN_MILLISECONDS + limitSeconds * 1000) ? newest : await begin(spp, now);
  await awaitComplete(spp, id, limitSeconds, context);
  return id;
}

/** Checks the list first after a lost answer, because a second backup would only cost time. */
async function begin(spp: SppClient, before: number): Promise<SppBackup> {
  try {
    return await startBackup(spp);
  } catch (error) {
    if (!(error instanceof AnswerLost)) throw error;
    const begun = newestOf(await listBackups(spp));
    if (begun?.createdAt !== undefined && begun.createdAt >= before) return begun;
    return startBackup(spp);
  }
}

async function awaitComplete(spp: SppClient, id: string, limitSeconds: number, context: OperationContext) {
  const options = { object: spp.object, awaiting: `backup ${id}`, limitSeconds, maximumMilliseconds: 2000 };
  await poll(context, { ...options, code: "SG2120" }, async () => {
    const backup = (await listBackups(spp)).find((candidate) => candidate.id === id);
    if (!backup) {
      const cause = `backup ${id} disappeared before it was complete`;
      throw new SafeguardError({ code: "SG2120", object: spp.object, step: "back up", cause });
    }
    return backup.isComplete ? { done: undefined } : { seen: backup.status };
  });
}

/**
 * Reads the system backup policy of SPS.
 * @returns its key; empty for `skip`, and when the account may not read it
 * @throws SafeguardError SG2206 when none is set
 */
export async function ensureSpsBackup(
  sps: SpsClient,
  wanted: BackupOrder["sps"],
  context: OperationContext,
): Promise<string> {
  if (wanted === "skip") return "";
  const policy = await readSystemBackupPolicy(sps).catch((error: unknown) => {
    if (!(error instanceof SpsRefusal) || ![403, 404].includes(error.status)) throw error;
    context.log.warn(`${sps.object}: whether it has a system backup policy is not known (${error.status})`);
    return "";
  });
  if (policy !== undefined) return policy;
  throw new SafeguardError({
    code: "SG2206",
    object: sps.object,
    step: "back up",
    cause: "it has no system backup policy, and the join cannot be undone",
  });
}
