import { type PlanInputs, planNodes } from "./plan";

/** Changes of the inputs that a preview must report. */
export interface ClusterChanges {
  /** Addresses of new nodes. */
  added: string[];
  /** Addresses of removed nodes. */
  removed: string[];
  /** Paths of the search roles of nodes that change from search-local to search-minion. */
  losing: string[];
}

/**
 * Compares the old inputs with the new ones. A node is the same when its connection address or its cluster address is unchanged; a node
 * with only new addresses counts as removed and added.
 */
export function compareClusters(before: PlanInputs, now: PlanInputs): ClusterChanges {
  const [olds, news] = [planNodes(before), planNodes(now)];
  type Node = (typeof olds)[number];
  const isSame = (left: Node, right: Node) =>
    left.connection.address === right.connection.address || left.clusterAddress === right.clusterAddress;
  const missingIn = (others: Node[], nodes: Node[]) =>
    nodes.filter((node) => !others.some((other) => isSame(other, node))).map(({ clusterAddress }) => clusterAddress);
  const losing = news.flatMap((node, index) => {
    const old = olds.find((other) => isSame(other, node));
    const isLosing = old?.roles.includes("search-local") && node.roles.includes("search-minion");
    return isLosing ? [index === 0 ? "searchRole" : `members[${index - 1}].searchRole`] : [];
  });
  return { added: missingIn(olds, news), removed: missingIn(news, olds), losing };
}
