import { poll } from "../../core/poll";
import { listNodes } from "../../sps/cluster";
import { readMemberReports, syncProblem } from "../../sps/member-reports";
import type { Convergence } from "./convergence";
import { type ConnectedNode, entryOf } from "./nodes";

/**
 * Waits until every given member has recently reported, by the Central Management node's own clock, that it has the newest configuration
 * without errors.
 * @throws SafeguardError SG1210 at the limit, with the state of each missing member.
 */
export async function awaitSynchronization(
  central: ConnectedNode,
  members: readonly ConnectedNode[],
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
      code: "SG1210",
    },
    async () => {
      const reports = await readMemberReports(central.client);
      const missing = ids.flatMap((id, index) => {
        const problem = syncProblem(reports.find((report) => report.nodeId === id));
        return problem === undefined ? [] : [`${members[index]?.clusterAddress} ${problem}`];
      });
      return missing.length === 0 ? { done: undefined } : { seen: missing.join(", ") };
    },
  );
  context.log.info(`${central.client.object}: ${members.length} managed host(s) have the configuration`);
}
