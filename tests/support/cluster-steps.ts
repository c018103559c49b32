/** The steps that a preview shows for a new cluster of two nodes, given by their addresses. */
export function stepsOfTwoNodes(centralManagement: string, member: string): string[] {
  return [
    `${centralManagement}: enable the cluster interface on ${centralManagement}`,
    `${member}: enable the cluster interface on ${member}`,
    `${centralManagement}: promote to Central Management node (cannot be undone)`,
    `${centralManagement}: roles central-management, search-local`,
    `${member}: join the cluster of ${centralManagement}`,
    `${member}: roles managed-host, search-local (takes over the whole configuration)`,
    "wait for the configuration synchronization of 1 managed host(s)",
  ];
}
