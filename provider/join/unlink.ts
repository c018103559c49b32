import { z } from "zod";
import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import { AnswerLost } from "../https/failures";
import { readSppMembers } from "../spp/appliance-reads";
import type { SppClient } from "../spp/client";
import { findSessionModule, isLinked, linkState } from "../spp/session-modules";

/**
 * Makes SPP delete its certificate user for an SPS node but keep the entry: access policies that refer to it work again after the next join
 * (SPP REST reference §7.5, the first of two deletions). Sends at most one request, and none when the entry is already disconnected. Never
 * sends the second deletion, which removes the entry.
 * @returns the id of the entry; undefined when SPP has none
 * @throws SafeguardError SG2122 when SPP still shows the node as linked at the limit
 */
export async function unlink(
  spp: SppClient,
  nodeId: string,
  limitSeconds: number,
  context: OperationContext,
): Promise<number | undefined> {
  const row = await findSessionModule(spp, nodeId);
  if (!row || !isLinked(linkState(row))) return row?.id;
  try {
    await spp.change("DELETE", "core", `Cluster/SessionModules/${row.id}`, z.unknown());
  } catch (error) {
    // The read below shows whether the request took effect. A second request could remove the entry for good.
    if (!(error instanceof AnswerLost)) throw error;
    context.log.warn(`${spp.object}: the outcome of the disconnection is not known; looking at the entry`);
  }
  return poll<number | undefined>(
    context,
    {
      object: spp.object,
      awaiting: `the disconnection of entry ${row.id}`,
      limitSeconds,
      code: "SG2122",
    },
    async () => {
      const now = await findSessionModule(spp, nodeId);
      const link = linkState(now);
      return isLinked(link) ? { seen: `link: ${link}` } : { done: now?.id };
    },
  );
}

/**
 * Refuses an SPP that is neither the recorded appliance nor a member of its cluster.
 * @param ownId appliance id of the current SPP
 * @throws SafeguardError SG2121
 */
export async function refuseOtherSpp(spp: SppClient, recordedId: string, ownId: string): Promise<void> {
  const foundIds = new Set([ownId, ...(await readSppMembers(spp)).map(({ applianceId }) => applianceId)]);
  if (recordedId === "" || foundIds.has(recordedId)) return;
  throw new SafeguardError({
    code: "SG2121",
    object: spp.object,
    step: "examine",
    cause: `the join is with the SPP cluster of appliance ${recordedId}, and this one (${[...foundIds].join(", ")}) is another`,
  });
}
