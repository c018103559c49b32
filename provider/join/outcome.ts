import type { OperationContext } from "../core/context";
import { poll } from "../core/poll";
import type { SppClient } from "../spp/client";
import { findSessionModule, isLinked, linkState } from "../spp/session-modules";
import type { SpsClient } from "../sps/client";
import { listNodes, membersOf } from "../sps/cluster";
import { DEFAULT_OBJECTS, findDefaultObjects, mayHoldDefaultObject } from "../sps/configuration";
import { readMemberReports, syncProblem } from "../sps/member-reports";

/** Logged-in clients of both appliances. */
export interface Appliances {
  sps: SpsClient;
  spp: SppClient;
}

/**
 * Waits until SPP trusts the node. SPP abandons a handshake after five minutes and then removes its entry, so a later read would not show
 * it.
 * @returns false when the entry appeared and was removed again
 * @throws SafeguardError SG2114 not trusted within the limit
 */
export async function awaitTrust(
  { spp }: Appliances,
  nodeId: string,
  limitSeconds: number,
  context: OperationContext,
): Promise<boolean> {
  let wasUntrusted = false;
  return poll<boolean>(
    context,
    {
      object: spp.object,
      awaiting: "trust in the joined node",
      limitSeconds,
      maximumMilliseconds: 400,
      code: "SG2114",
    },
    async () => {
      const link = linkState(await findSessionModule(spp, nodeId));
      if (wasUntrusted && !isLinked(link)) return { done: false };
      wasUntrusted ||= link === "untrusted";
      return link === "trusted" ? { done: true } : { seen: `link: ${link}` };
    },
  );
}

/**
 * Lists that the join fills last: connections refer to the other objects. Reading them is cheap enough to poll several times a second. All
 * lists are read when a connection appears, and at intervals otherwise.
 */
const LAST_LISTS = ["ssh", "rdp"].map((protocol) => `/api/configuration/${protocol}/connections`);

/** How often all lists are read while no connection shows, and how long they must then stay unchanged; in milliseconds. */
const PACE = { walkEvery: 3000, settled: 9000 };

/**
 * Waits for the objects that SPS creates. Their number is not documented, so two reads in a row must agree. When no connection is visible,
 * perhaps for lack of rights, all reads of several seconds must agree.
 * @returns how many there are
 * @throws SafeguardError SG2115
 */
export async function awaitPolicies(
  { sps }: Pick<Appliances, "sps">,
  limitSeconds: number,
  context: OperationContext,
  pace = PACE,
): Promise<number> {
  let before = "";
  let changedAt = 0;
  let walkedAt = 0;
  let hasEnd = false;
  let seen = "";
  return poll<number>(
    context,
    {
      object: sps.object,
      awaiting: `its ${DEFAULT_OBJECTS} objects`,
      limitSeconds,
      firstMilliseconds: 100,
      maximumMilliseconds: 250,
      code: "SG2115",
    },
    async () => {
      const isDue = hasEnd || Date.now() - walkedAt > pace.walkEvery;
      if (!isDue && !(await mayHoldDefaultObject(sps, LAST_LISTS))) return { seen };
      walkedAt = Date.now();
      const { objects, forbidden } = await findDefaultObjects(sps);
      hasEnd = objects.some(({ list }) => LAST_LISTS.includes(list));
      const now = objects.map(({ list, name }) => `${list} ${name}`).join();
      if (now !== before) changedAt = walkedAt;
      const isSettled = hasEnd || walkedAt - changedAt >= pace.settled;
      if (objects.length > 0 && now === before && isSettled) return { done: objects.length };
      before = now;
      const hidden = forbidden.length > 0 ? `, ${forbidden.length} lists this user may not read` : "";
      seen = `${objects.length} objects${hidden}`;
      return { seen };
    },
  );
}

/**
 * Waits until every cluster member has synchronized the changes that the join made on the Central Management node.
 * @returns the number of members
 * @throws SafeguardError SG2123; the join itself is complete then
 */
export async function awaitSynchronized(
  { sps }: Appliances,
  limitSeconds: number,
  context: OperationContext,
): Promise<number> {
  const members = membersOf(await listNodes(sps));
  if (members.length === 0) return 0;
  return poll<number>(
    context,
    {
      object: sps.object,
      awaiting: `synchronization of ${members.length} ${members.length === 1 ? "member" : "members"} after the join`,
      limitSeconds,
      maximumMilliseconds: 1000,
      code: "SG2123",
    },
    async () => {
      const reports = await readMemberReports(sps);
      const lagging = members.flatMap(({ nodeId, address }) => {
        const problem = syncProblem(reports.find((report) => report.nodeId === nodeId));
        return problem === undefined ? [] : [`${address} ${problem}`];
      });
      return lagging.length === 0 ? { done: members.length } : { seen: lagging.join(", ") };
    },
  );
}
