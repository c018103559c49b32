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

/** What there is before anything is changed. */
export interface Examined {
  /** Whether the Central Management node is one already. */
  isPromoted: boolean;
  /** The nodes its cluster has; none before the promotion. */
  listed: ClusterNode[];
  /** Nodes that know of a cluster they are in. */
  belonging: ReadonlySet<ConnectedNode>;
}

/**
 * Looks at every node before anything is changed, and refuses what cannot become the wanted cluster: differing
 * firmware, nodes that belong to another cluster, one node named twice. Notes the ids of nodes that are in the cluster.
 * @throws SafeguardError SG1201 differing firmware, SG1203 managed by another node, SG1213 one node twice
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
  // The only node of its cluster with this role; found even where the list does not say which node answers.
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
      remedy: "upgrade all nodes to the same version first",
    });
  });
}

/** The same node under two names: seen only once the names are resolved, or by the id. */
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
      remedy: "name every node once",
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
