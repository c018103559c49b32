import type { OperationContext } from "../../core/context";
import { SpsClient } from "../../sps/client";
import type { ClusterNode } from "../../sps/cluster";
import { listAddresses } from "../../sps/network";
import { ipv4Addresses, ownAddress } from "./address";
import { type PlanInputs, type PlannedNode, planNodes } from "./plan";

/** A planned node with an open session and its cluster address as IPv4. */
export interface ConnectedNode extends PlannedNode {
  client: SpsClient;
  ip: string;
  /** Its id in the cluster; undefined while it is in none, or does not know it yet. */
  nodeId: string | undefined;
}

/** The Central Management node, then the others in the order of the program. */
export type ConnectedNodes = [ConnectedNode, ...ConnectedNode[]];

/** Opens a session on every node in parallel, and always closes all of them after the work. */
export function withNodes<T>(
  inputs: PlanInputs,
  context: OperationContext,
  work: (nodes: ConnectedNodes) => Promise<T>,
): Promise<T> {
  return withOpenedNodes(planNodes(inputs), context, (opened) => {
    const nodes = opened.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    return work(nodes as ConnectedNodes);
  });
}

/** The same with the failure of each node whose session could not be opened. */
export async function withOpenedNodes<T>(
  planned: readonly PlannedNode[],
  context: OperationContext,
  work: (opened: PromiseSettledResult<ConnectedNode>[]) => Promise<T>,
): Promise<T> {
  const clients: SpsClient[] = [];
  try {
    const opened = await Promise.allSettled(
      planned.map(async (node): Promise<ConnectedNode> => {
        const client = await SpsClient.open(node.connection, context);
        clients.push(client);
        const candidates = await ipv4Addresses(client.object, node.clusterAddress);
        const ip = await ownAddress(candidates, async () => (await listAddresses(client)).map((own) => own.ip));
        return { ...node, client, ip, nodeId: undefined };
      }),
    );
    return await work(opened);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** The cluster's entry of a node: by its id, which is stable when its address changes, else by its address. */
export function entryOf(
  node: Pick<ConnectedNode, "nodeId" | "ip">,
  listed: readonly ClusterNode[],
): ClusterNode | undefined {
  return node.nodeId === undefined
    ? listed.find(({ address }) => address === node.ip)
    : listed.find(({ nodeId }) => nodeId === node.nodeId);
}
