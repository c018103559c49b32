import { SafeguardError } from "../../core/errors";
import { CENTRAL_MANAGEMENT, listNodes, readInfo } from "../../sps/cluster";
import type { ReachedNode } from "./nodes";

/**
 * Looks at every node before anything is changed, and refuses what cannot become the wanted cluster: differing
 * firmware, nodes that belong to another cluster.
 * @throws SafeguardError SG1201 differing firmware, SG1203 managed by another node
 */
export async function examineNodes(nodes: readonly [ReachedNode, ...ReachedNode[]]): Promise<{ isPromoted: boolean }> {
  const infos = await Promise.all(nodes.map((node) => readInfo(node.client)));
  const central = nodes[0];
  const centralInfo = infos[0];
  infos.forEach((info, index) => {
    if (info.firmwareVersion === centralInfo?.firmwareVersion) return;
    throw new SafeguardError({
      code: "SG1201",
      object: nodes[index]?.client.object ?? "sps",
      step: "compare firmware",
      cause: `it runs ${info.firmwareVersion}, the Central Management node ${centralInfo?.firmwareVersion}`,
      remedy: "bring all nodes to the same version first",
    });
  });
  const isPromoted = centralInfo?.roles.includes(CENTRAL_MANAGEMENT) ?? false;
  if (!isPromoted && (centralInfo?.roles.length ?? 0) > 0) {
    throw await managedByAnother(central, "promote to central management", "point centralManagement at");
  }
  const known = isPromoted ? (await listNodes(central.client)).nodes.map((node) => node.address) : [];
  for (const [index, node] of nodes.entries()) {
    const roles = infos[index]?.roles ?? [];
    if (index === 0 || roles.length === 0 || known.includes(node.ip)) continue;
    throw await managedByAnother(
      node,
      `join the cluster of ${central.ip}`,
      "leave it out of members; it is managed by",
    );
  }
  return { isPromoted };
}

async function managedByAnother(node: ReachedNode, step: string, remedy: string): Promise<SafeguardError> {
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
