import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import type { Journal } from "../core/journal";
import { readCertificateChain } from "../spp/certificates";
import type { SppClient } from "../spp/client";
import { findSessionModule, isLinked, linkState, type SessionModule } from "../spp/session-modules";
import { readNow } from "../spp/status";
import type { SpsClient } from "../sps/client";
import { readInfo } from "../sps/cluster";
import { type AttemptLedger, attemptAt, requestAt } from "./attempts";
import { type BackupOrder, ensureSppBackup, ensureSpsBackup } from "./backups";
import { COOL_DOWN_SECONDS, coolDown } from "./cool-down";
import { joinError } from "./join-failures";
import { type Appliances, awaitPolicies, awaitSynchronized, awaitTrust } from "./outcome";
import type { JoinOutputs, JoinReadings, JoinRecord } from "./outputs";
import type { JoinProgress } from "./progress";
import { awaitIdleCluster, isRefusal, mayBeRepeatedAtOnce, sendJoin, sendWhenIdle } from "./request";
import { type BothSides, isKnownAs, observeJoin, readBothSides } from "./sides";
import { refuseOtherSpp, unlink } from "./unlink";

export interface JoinOrder extends Appliances {
  /** Address of SPP for use by SPS; SPP's certificate must name it. */
  sppAddress: string;
  /** Expected node id of the Central Management node; not compared when undefined. */
  clusterId: string | undefined;
  backups: BackupOrder;
  /** The join that is recorded with other addresses; undefined otherwise. */
  recorded: RecordedLink | undefined;
  /** Repeats the preflight and checks the acknowledgement right before the request; throws on failure. */
  prove: (due: { isRejoin: boolean; spp: SppClient }) => Promise<void>;
  /** Records the request before it is sent, for the next run if this one is killed. */
  attempts: AttemptLedger;
  timeouts: JoinTimeouts;
}

/** Time limits, in seconds. */
export interface JoinTimeouts {
  /** For trust, for the end of another cluster operation, and for the cool-down; the vendor's limit for the handshake is five minutes. */
  trustSeconds: number;
  /** For the objects that SPS creates. */
  policySeconds: number;
  /** For a backup of SPP. */
  backupSeconds: number;
  /** For the synchronization of the cluster members. */
  synchronizationSeconds: number;
}

/** The recorded ids and names of the link between both appliances. */
export type RecordedLink = Pick<JoinReadings, "nodeId" | "sppApplianceId" | "joinedAt"> & {
  certificateUserThumbprint: string;
  /** Whether the address of SPP changed. */
  isSppMoved: boolean;
};

/**
 * Joins the two appliances and continues an interrupted join: completed steps are only verified. Sends at most one join request; none while
 * SPP lists the node, runs another cluster operation, or the last attempt is younger than five minutes. The journal records started steps,
 * the progress records the phase.
 * @throws SafeguardError of the catalogue (SG21xx), SG2110–SG2124, SG2206, SG2209, SG2215
 */
export async function runJoin(
  order: JoinOrder,
  context: OperationContext,
  journal: Journal,
  progress: JoinProgress,
): Promise<JoinOutputs> {
  const { sps, spp, timeouts } = order;
  // If SPP abandons the handshake of an earlier run now, its entry no longer blocks a new request.
  if ((await link(order, context, journal, progress)) === "given up") await link(order, context, journal, progress);
  progress.enter("policies", `waiting for the safeguard_default objects on SPS, at most ${timeouts.policySeconds} s`);
  await awaitPolicies(order, timeouts.policySeconds, context);
  progress.enter(
    "synchronized",
    `waiting for the cluster members to synchronize, at most ${timeouts.synchronizationSeconds} s`,
  );
  const members = await awaitSynchronized(order, timeouts.synchronizationSeconds, context);
  const { outputs } = await observeJoin(sps, spp);
  if (outputs.health !== "joined") throw notJoined(order, outputs);
  progress.record.lastAttemptAt = "";
  const inSync = members === 0 ? "" : `, ${members} ${members === 1 ? "member" : "members"} in sync`;
  progress.enter("verified", `joined; ${outputs.policies.length} names on SPS${inSync}`);
  return { ...outputs, ...progress.record };
}

/**
 * Creates the link, or waits for a pending one.
 * @throws SafeguardError SG2104 SPP abandoned the handshake of this run
 */
async function link(
  order: JoinOrder,
  context: OperationContext,
  journal: Journal,
  progress: JoinProgress,
): Promise<"trusted" | "given up"> {
  const { sps, spp } = order;
  const { trustSeconds } = order.timeouts;
  progress.enter("examine", "reading both appliances");
  const sides = await readBothSides(sps, spp, order.recorded?.nodeId || order.clusterId);
  // A recorded join may move to new addresses, but not to another SPP.
  if (order.recorded) await refuseOtherSpp(spp, order.recorded.sppApplianceId, sides.applianceId);
  progress.identities = { nodeId: sides.nodeId, sppApplianceId: sides.applianceId };
  const requestedAt = requestAt(await order.attempts.all(), sides.nodeId, sides.applianceId);
  const isRejoin = isRejoinDue(order.recorded, sides, requestedAt);
  const isDue = isRejoin || !isLinked(sides.link);
  if (isDue) await request(order, sides, isRejoin, context, journal, progress);
  else context.log.info(`${spp.object} lists the node already (${sides.link}): no join request is sent`);
  progress.enter("trusted", `waiting for SPP to trust the node, at most ${trustSeconds} s`);
  if (await awaitTrust(order, sides.nodeId, trustSeconds, context)) return "trusted";
  if (isDue) throw joinError("SG2104", sps.object);
  return "given up";
}

/**
 * Whether the existing link must be re-created: an appliance knows the other one by an outdated address, and no earlier run of this re-join
 * created the link.
 * @param requestedAt when this machine last asked the node to join this SPP
 */
function isRejoinDue(
  recorded: RecordedLink | undefined,
  { row, link, ownNames }: BothSides,
  requestedAt: number | undefined,
): boolean {
  if (!recorded || !row || !isLinked(link)) return false;
  if (!recorded.isSppMoved && isKnownAs(row.addresses, ownNames)) return false;
  if (isRecorded(recorded, row)) return true;
  // Someone else may have created another link between the old addresses, so only a newer request proves that this product did.
  return requestedAt === undefined || requestedAt <= Date.parse(recorded.joinedAt);
}

function isRecorded(recorded: RecordedLink, row: SessionModule): boolean {
  if (recorded.certificateUserThumbprint) return recorded.certificateUserThumbprint === row.certificateUserThumbprint;
  return recorded.joinedAt === row.createdDate;
}

/** Performs all steps up to and including the one irreversible request. */
async function request(
  order: JoinOrder,
  sides: BothSides,
  isRejoin: boolean,
  context: OperationContext,
  journal: Journal,
  progress: JoinProgress,
): Promise<void> {
  const { sps, spp, timeouts, backups } = order;
  const { nodeId } = sides;
  await awaitIdleCluster(spp, timeouts.trustSeconds, context);
  const noted = attemptAt(await order.attempts.all(), nodeId, sides.applianceId);
  const last = lastAttempt(progress.record, order.recorded ? undefined : sides.row, noted);
  if (last !== undefined) {
    progress.enter("cool down", "waiting until five minutes have passed since the last attempt");
    await coolDown(spp, nodeId, last, timeouts.trustSeconds, context);
  }
  if (!isRejoin && isLinked(linkState(await findSessionModule(spp, nodeId)))) return;
  progress.enter("preflight", "repeating the preflight");
  await order.prove({ isRejoin, spp });
  progress.enter(
    "back up",
    `backing up SPP (${backups.spp}) and SPS (${backups.sps}), at most ${timeouts.backupSeconds} s`,
  );
  progress.record.spsBackupPolicy = await ensureSpsBackup(sps, backups.sps, context);
  progress.record.sppBackupId = await ensureSppBackup(spp, backups.spp, timeouts.backupSeconds, context);
  progress.enter("read certificate chain", `reading the chain that SPS gets, for ${order.sppAddress}`);
  const chain = await readCertificateChain(spp, sides.applianceId, order.sppAddress);
  // As late as possible, because the site is not joined from here on.
  if (isRejoin) {
    await renewSession(sps);
    progress.enter("unlink", `disconnecting entry ${sides.row?.id} on SPP; access policies that refer to it survive`);
    await journal.step("entry on SPP disconnected", () => unlink(spp, nodeId, timeouts.trustSeconds, context));
  }
  progress.enter("request", "sending the join request (once)");
  const attempt = { nodeId, applianceId: sides.applianceId, sentAt: "" };
  const prepare = async () => {
    const [now] = await Promise.all([findSessionModule(spp, nodeId), renewSession(sps)]);
    // Another program may have joined the node during the waits.
    if (isLinked(linkState(now))) return "joined";
    const sentAt = new Date(await readNow(spp)).toISOString();
    if (!(await order.attempts.claim({ ...attempt, sentAt }, COOL_DOWN_SECONDS, context))) return "claimed";
    attempt.sentAt = sentAt;
    progress.record.lastAttemptAt = sentAt;
    return "due";
  };
  const requested = { ...order, nodeId, chain, trustSeconds: timeouts.trustSeconds };
  const send = async () => {
    try {
      await journal.step("join request sent", () => sendJoin(requested, context), isRefusal);
    } catch (error) {
      if (mayBeRepeatedAtOnce(error)) {
        progress.record.lastAttemptAt = "";
        await order.attempts.end(nodeId);
      }
      throw error;
    }
  };
  await sendWhenIdle(spp, timeouts.trustSeconds, context, prepare, send);
  if (attempt.sentAt === "") return;
  // If Pulumi loses this run, the next one must recognize the link as its own.
  if (order.recorded) await order.attempts.begin({ ...attempt, isDone: true }, context);
  else await order.attempts.end(nodeId);
  progress.enter("listed", "SPP lists the node");
}

/** SPS may end an idle session during a backup. A read can log in again; the join request cannot. */
async function renewSession(sps: SpsClient): Promise<void> {
  await readInfo(sps);
}

/** Time of the last unfinished attempt by SPP's clock; undefined when none is known. */
function lastAttempt(
  record: JoinRecord,
  row: SessionModule | undefined,
  noted: number | undefined,
): number | undefined {
  const times = [record.lastAttemptAt, row?.createdDate ?? ""].map((text) => Date.parse(text));
  const known = [...times, noted ?? Number.NaN].filter((time) => !Number.isNaN(time));
  return known.length > 0 ? Math.max(...known) : undefined;
}

function notJoined({ sps, spp }: JoinOrder, { health }: JoinReadings): SafeguardError {
  return new SafeguardError({
    code: "SG2124",
    object: sps.object,
    step: "verify",
    cause: `every step succeeded, but the join with ${spp.object} is now ${health}`,
  });
}
