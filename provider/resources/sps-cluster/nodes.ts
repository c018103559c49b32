import { lookup } from "node:dns/promises";
import type { OperationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { isIpv4 } from "../../core/fields";
import { SpsClient } from "../../sps/client";
import { type PlannedNode, planNodes } from "./plan";
import type { SpsClusterKnown } from "./schema";

/** A planned node with an open session and its cluster address as IPv4. */
export interface ReachedNode extends PlannedNode {
  client: SpsClient;
  ip: string;
}

/** Opens a session on every node, in parallel, and closes them all however the work ends. */
export async function withNodes<T>(
  inputs: SpsClusterKnown,
  context: OperationContext,
  work: (nodes: [ReachedNode, ...ReachedNode[]]) => Promise<T>,
): Promise<T> {
  const opened: SpsClient[] = [];
  try {
    const results = await Promise.allSettled(
      planNodes(inputs).map(async (node): Promise<ReachedNode> => {
        const client = await SpsClient.open(node.connection, context);
        opened.push(client);
        return { ...node, client, ip: await toIpv4(client.object, node.clusterAddress) };
      }),
    );
    const nodes = results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    return await work(nodes as [ReachedNode, ...ReachedNode[]]);
  } finally {
    await Promise.all(opened.map((client) => client.close()));
  }
}

/** The products use IPv4 between themselves, so a name is resolved to its IPv4 address. */
export async function toIpv4(object: string, address: string): Promise<string> {
  if (isIpv4(address)) return address;
  try {
    return (await lookup(address, { family: 4 })).address;
  } catch {
    throw new SafeguardError({
      code: "SG1010",
      object,
      step: "resolve the address of the cluster interface",
      cause: `${address} has no IPv4 address`,
      remedy: "set listenAddress to the IPv4 address of the node",
    });
  }
}
