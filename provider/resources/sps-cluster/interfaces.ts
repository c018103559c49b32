import { planClusterInterface } from "../../sps/network";
import type { Convergence } from "./convergence";
import type { ConnectedNode } from "./nodes";

/** How to make the cluster service of a node listen on its address; undefined where it already does. */
export type InterfacePlans = ReadonlyMap<ConnectedNode, Awaited<ReturnType<typeof planClusterInterface>>>;

/** Reads what has to be changed. @throws SafeguardError SG1205 when a node has not the address it shall listen on. */
export async function planInterfaces(nodes: readonly ConnectedNode[]): Promise<InterfacePlans> {
  return new Map(
    await Promise.all(nodes.map(async (node) => [node, await planClusterInterface(node.client, node.ip)] as const)),
  );
}

/** Enables the cluster interfaces of different nodes in parallel; all are tried, then the first failure is thrown. */
export async function enableInterfaces(
  nodes: readonly ConnectedNode[],
  plans: InterfacePlans,
  { journal, timeouts }: Pick<Convergence, "journal" | "timeouts">,
): Promise<void> {
  const results = await Promise.allSettled(
    nodes.map(async (node) => {
      const enable = plans.get(node);
      if (!enable) return;
      await journal.step(`${node.clusterAddress}: cluster interface enabled`, () => enable(timeouts.stepSeconds));
    }),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
