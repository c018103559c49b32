import type { OperationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import type { SpsClient } from "../../sps/client";
import { CENTRAL_MANAGEMENT, listNodes, readInfo, readSyncStates } from "../../sps/cluster";
import type { NodeOutput, SpsClusterState } from "./schema";

export type ClusterOutputs = Pick<SpsClusterState, "clusterId" | "version" | "nodes">;

/**
 * Reads the cluster from its Central Management node.
 * @returns undefined when that node answers and is in no cluster: the cluster is definitely gone.
 */
export async function observeCluster(
  client: SpsClient,
  context: OperationContext,
): Promise<ClusterOutputs | undefined> {
  const info = await readInfo(client);
  if (!info.roles.includes(CENTRAL_MANAGEMENT)) {
    if (info.roles.length === 0) return undefined;
    throw new SafeguardError({
      code: "SG1203",
      object: client.object,
      step: "read the cluster",
      cause: `the node is no longer the Central Management node; its roles are ${info.roles.join(", ")}`,
      remedy: "point centralManagement at the node that is",
    });
  }
  const [{ nodes, selfId }, states] = await Promise.all([listNodes(client), readSyncStates(client)]);
  const central =
    nodes.find((node) => node.nodeId === selfId) ?? nodes.find((node) => node.roles.includes(CENTRAL_MANAGEMENT));
  const outputs = nodes.map((node): NodeOutput => {
    const state = states.find((candidate) => candidate.nodeId === node.nodeId);
    const isCentral = node === central;
    return {
      nodeId: node.nodeId,
      address: node.address,
      hostName: state?.hostName ?? "",
      roles: [...node.roles].sort(),
      synchronized: isCentral || (state?.synchronized ?? false),
      ...(isCentral || !state?.lastSeen ? {} : { lastSeen: state.lastSeen }),
    };
  });
  outputs.sort(
    (left, right) =>
      Number(right.nodeId === central?.nodeId) - Number(left.nodeId === central?.nodeId) ||
      left.address.localeCompare(right.address),
  );
  context.log.debug(`${client.object}: the cluster has ${outputs.length} node(s)`);
  return { clusterId: central?.nodeId ?? "", version: info.firmwareVersion, nodes: outputs };
}
