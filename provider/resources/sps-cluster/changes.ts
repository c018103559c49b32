import { type PlanInputs, planNodes } from "./plan";

/** What of a change of the inputs a preview has to speak of. */
export interface ClusterChanges {
  /** Addresses of nodes that are named now and were not. */
  added: string[];
  /** Addresses of nodes that were named and are not now. */
  removed: string[];
  /** Paths of the search roles of nodes that go from search-local to search-minion. */
  losing: string[];
}

/**
 * Compares the inputs of before with those of now. A node is the same when the address of its connection or that of
 * its cluster service is; one whose addresses all changed counts as removed and added.
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
