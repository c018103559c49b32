import { planClusterInterface } from "../../sps/network";
import type { Convergence } from "./convergence";
import type { ConnectedNode } from "./nodes";

/** The change that makes the cluster service of a node listen on its address; undefined when none is needed. */
export type InterfacePlans = ReadonlyMap<ConnectedNode, Awaited<ReturnType<typeof planClusterInterface>>>;

/**
 * Reads the needed changes.
 * @throws SafeguardError SG1205 when a node does not have its wanted address.
 */
export async function planInterfaces(nodes: readonly ConnectedNode[]): Promise<InterfacePlans> {
  return new Map(
    await Promise.all(nodes.map(async (node) => [node, await planClusterInterface(node.client, node.ip)] as const)),
  );
}

/** Enables the cluster interfaces of all nodes in parallel. Throws the first failure after all attempts. */
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
