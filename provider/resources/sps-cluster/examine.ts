import { SafeguardError } from "../../core/errors";
import {
  CENTRAL_MANAGEMENT,
  type ClusterNode,
  listNodeIds,
  listNodes,
  type NodeInfo,
  readInfo,
} from "../../sps/cluster";
import type { ConnectedNode, ConnectedNodes } from "./nodes";
import { entryOf } from "./nodes";

/** State of the nodes before any change. */
export interface Examined {
  /** Whether the Central Management node has that role already. */
  isPromoted: boolean;
  /** The nodes of its cluster; none before the promotion. */
  listed: ClusterNode[];
  /** Nodes that report that they are in a cluster. */
  belonging: ReadonlySet<ConnectedNode>;
}

/**
 * Reads every node before any change and refuses nodes that cannot form the wanted cluster: different firmware, nodes of another cluster,
 * duplicates. Records the ids of nodes that are in the cluster.
 * @throws SafeguardError SG1201 different firmware, SG1203 managed by another node, SG1213 duplicate node
 */
export async function examineNodes(nodes: ConnectedNodes): Promise<Examined> {
  const [central, ...members] = nodes;
  const [infos] = await Promise.all([
    Promise.all(nodes.map(({ client }) => readInfo(client))),
    Promise.all(
      nodes.map(async (node) => {
        node.nodeId = (await listNodeIds(node.client)).selfId;
      }),
    ),
  ]);
  refuseDifferingFirmware(nodes, infos);
  refuseDuplicates(nodes);
  const belonging = new Set(
    nodes.filter((node, index) => node.nodeId !== undefined || (infos[index]?.roles.length ?? 0) > 0),
  );
  const isPromoted = infos[0]?.roles.includes(CENTRAL_MANAGEMENT) ?? false;
  if (!isPromoted && belonging.has(central)) {
    throw await managedByAnother(central, "promote to central management", "point centralManagement at");
  }
  const listed = isPromoted ? (await listNodes(central.client)).nodes : [];
  // The role is unique in a cluster, so it identifies the node even when the list does not mark the answering node.
  central.nodeId ??= listed.find(({ roles }) => roles.includes(CENTRAL_MANAGEMENT))?.nodeId;
  for (const node of members) {
    if (!belonging.has(node) || entryOf(node, listed)) continue;
    throw await managedByAnother(
      node,
      `join the cluster of ${central.ip}`,
      "leave it out of members; it is managed by",
    );
  }
  return { isPromoted, listed, belonging };
}

function refuseDifferingFirmware([, ...members]: ConnectedNodes, infos: readonly NodeInfo[]): void {
  const [wanted, ...versions] = infos.map(({ firmwareVersion }) => firmwareVersion);
  members.forEach((node, index) => {
    if (versions[index] === wanted) return;
    throw new SafeguardError({
      code: "SG1201",
      object: node.client.object,
      step: "compare firmware",
      cause: `it runs ${versions[index]}, the Central Management node ${wanted}`,
    });
  });
}

/** Detects one node under two names by resolved address or by id. */
function refuseDuplicates(nodes: readonly ConnectedNode[]): void {
  nodes.forEach((node, index) => {
    const duplicate = nodes
      .slice(0, index)
      .find(({ ip, nodeId }) => ip === node.ip || (nodeId !== undefined && nodeId === node.nodeId));
    if (!duplicate) return;
    throw new SafeguardError({
      code: "SG1213",
      object: node.client.object,
      step: "compare nodes",
      cause: `it is the same node as ${duplicate.connection.address}`,
    });
  });
}

async function managedByAnother(node: ConnectedNode, step: string, remedy: string): Promise<SafeguardError> {
  const { nodes } = await listNodes(node.client);
  const manager = nodes.find((candidate) => candidate.roles.includes(CENTRAL_MANAGEMENT))?.address ?? "another node";
  return new SafeguardError({
    code: "SG1203",
    object: node.client.object,
    step,
    cause: `node is already managed by ${manager === node.ip ? "itself, in a cluster of its own" : manager}`,
    remedy: `remove it there or ${remedy} ${manager}`,
  });
}
