import { SafeguardError } from "../../core/errors";
import type { SpsClient } from "../../sps/client";
import { CENTRAL_MANAGEMENT, type ClusterNode, listNodeIds, listNodes, ownNode, readInfo } from "../../sps/cluster";
import { isFresh, readMemberReports, syncProblem } from "../../sps/member-reports";
import type { NodeOutput, SpsClusterState } from "./schema";

export type ClusterOutputs = Pick<SpsClusterState, "clusterId" | "version" | "nodes">;

/** Data that a node of the program reports about itself. */
export interface NodeView {
  /** Possible IPv4 addresses of its cluster service according to the program. */
  addresses: readonly string[];
  /** Its id in the cluster; undefined when unknown. */
  nodeId: string | undefined;
  /** Its firmware version; undefined when it did not answer. */
  version: string | undefined;
}

/** The observed cluster, with the entry of each node of the program. */
export interface Observed {
  outputs: ClusterOutputs;
  /** In the order of the views; undefined for a node outside the cluster. */
  entries: (ClusterNode | undefined)[];
}

/**
 * Reads the cluster from its Central Management node, whose view comes first. `before` is the recorded state, which replaces the data of
 * unreachable nodes.
 * @returns undefined when the Central Management node answers and is in no cluster: the cluster is gone.
 */
export async function observeCluster(
  client: SpsClient,
  views: readonly NodeView[],
  before: readonly NodeOutput[],
): Promise<Observed | undefined> {
  const info = await readInfo(client);
  if (!info.roles.includes(CENTRAL_MANAGEMENT)) {
    // A node without roles may be a member without assigned roles.
    const { nodeIds } = await listNodeIds(client);
    if (info.roles.length === 0 && nodeIds.length === 0) return undefined;
    throw new SafeguardError({
      code: "SG1203",
      object: client.object,
      step: "read the cluster",
      cause: `the node is no longer the Central Management node; its roles are ${info.roles.join(", ") || "unknown"}`,
      remedy: "point centralManagement at the node that is",
    });
  }
  const [cluster, reports] = await Promise.all([listNodes(client), readMemberReports(client)]);
  const { nodes } = cluster;
  client.context.log.debug(`${client.object}: the cluster has ${nodes.length} node(s)`);
  const central = ownNode(cluster);
  const entries = views.map((view, index) => (index === 0 ? central : entryOfView(view, nodes, before)));
  const outputs = nodes.map((node): NodeOutput => {
    const report = reports.find((candidate) => candidate.nodeId === node.nodeId);
    const common = { nodeId: node.nodeId, address: node.address, hostName: report?.hostName ?? "" };
    const roles = [...node.roles].sort();
    if (node === central) {
      return { ...common, roles, synchronized: true, reachable: true, version: info.firmwareVersion };
    }
    const position = entries.indexOf(node);
    const view = views[position];
    const version = view?.version ?? before.find(({ nodeId }) => nodeId === node.nodeId)?.version;
    return {
      ...common,
      roles,
      synchronized: syncProblem(report) === undefined,
      ...(report?.lastSeen ? { lastSeen: report.lastSeen } : {}),
      reachable: view ? view.version !== undefined : Boolean(report && isFresh(report)),
      ...(version === undefined ? {} : { version }),
    };
  });
  outputs.sort(
    (left, right) =>
      Number(right.nodeId === central?.nodeId) - Number(left.nodeId === central?.nodeId) ||
      left.address.localeCompare(right.address),
  );
  return { outputs: { clusterId: central?.nodeId ?? "", version: info.firmwareVersion, nodes: outputs }, entries };
}

/** By the node's own id, else by its address, else by the recorded id for that address. */
function entryOfView(
  { nodeId, addresses }: NodeView,
  nodes: readonly ClusterNode[],
  before: readonly NodeOutput[],
): ClusterNode | undefined {
  const recorded = before.find(({ address }) => addresses.includes(address))?.nodeId;
  return (
    nodes.find((node) => node.nodeId === nodeId) ??
    nodes.find(({ address }) => addresses.includes(address)) ??
    nodes.find((node) => node.nodeId === recorded)
  );
}
