import { poll } from "../../core/poll";
import { isFresh, listNodes, readSyncStates, type SyncState } from "../../sps/cluster";
import type { Convergence } from "./convergence";
import { entryOf, type ReachedNode } from "./nodes";

/**
 * Waits until every given member has reported lately, by the Central Management node's own clock, that it has the
 * newest configuration and met no error with it.
 * @throws SafeguardError SG1210 at the limit, with what each missing member is at.
 */
export async function awaitSynchronization(
  central: ReachedNode,
  members: readonly ReachedNode[],
  { context, timeouts }: Pick<Convergence, "context" | "timeouts">,
): Promise<void> {
  if (members.length === 0) return;
  const { nodes: listed } = await listNodes(central.client);
  const ids = members.map((member) => entryOf(member, listed)?.nodeId);
  await poll(
    context,
    {
      object: central.client.object,
      awaiting: "configuration synchronization of all managed hosts",
      limitSeconds: timeouts.synchronizationSeconds,
      remedy: "look at Basic Settings > Cluster management for the issues of the node, then run pulumi up again",
      code: "SG1210",
    },
    async () => {
      const states = await readSyncStates(central.client);
      const missing = ids.flatMap((id, index) => {
        const lack = lackOf(states.find((candidate) => candidate.nodeId === id));
        return lack === undefined ? [] : [`${members[index]?.clusterAddress} ${lack}`];
      });
      return missing.length === 0 ? { done: undefined } : { seen: missing.join(", ") };
    },
  );
  context.log.info(`${central.client.object}: ${members.length} managed host(s) have the configuration`);
}

/** What a member lacks to be synchronized; undefined when it is. */
export function lackOf(state: SyncState | undefined): string | undefined {
  if (!state) return "has no status";
  if (!state.synchronized) return state.status;
  if (state.silentSeconds === undefined) return "never reported";
  return isFresh(state) ? undefined : `reported last ${state.silentSeconds} s ago`;
}
