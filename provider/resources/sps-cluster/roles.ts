import { SafeguardError } from "../../core/errors";
import { listNodes, sameRoles } from "../../sps/cluster";
import { changeNodes } from "../../sps/cluster-changes";
import type { Convergence } from "./convergence";
import { type ConnectedNode, entryOf } from "./nodes";

/**
 * Assigns roles and addresses to the listed nodes, all in one transaction. A node that loses the role of search master comes first, because
 * a cluster has at most one. Nodes that are not listed yet are skipped, unless they were just accepted.
 * @throws SafeguardError SG1208 when the cluster keeps other settings, SG1209 when it does not list an accepted node.
 */
export async function updateEntries(
  central: ConnectedNode,
  nodes: readonly ConnectedNode[],
  { journal, timeouts }: Pick<Convergence, "journal" | "timeouts">,
): Promise<void> {
  const { nodes: listed } = await listNodes(central.client);
  const changes = nodes.flatMap((node) => {
    const entry = entryOf(node, listed);
    if (!entry && (node.nodeId !== undefined || node === central)) throw notListed(central, node);
    if (!entry || (sameRoles(entry.roles, node.roles) && entry.address === node.ip)) return [];
    return [{ node: entry, address: node.ip, roles: node.roles, what: described(node, entry.address) }];
  });
  if (changes.length === 0) return;
  const resigns = ({ node, roles }: (typeof changes)[number]) =>
    Number(node.roles.includes("search-master") && !roles.includes("search-master"));
  changes.sort((left, right) => resigns(right) - resigns(left));
  await journal.step(changes.map(({ what }) => what).join("; "), () =>
    changeNodes(central.client, changes, timeouts.stepSeconds),
  );
}

function described(node: ConnectedNode, addressBefore: string): string {
  const roles = `${node.clusterAddress}: roles ${node.roles.join(", ")}`;
  return addressBefore === node.ip ? roles : `${roles}, address ${node.ip} instead of ${addressBefore}`;
}

function notListed(central: ConnectedNode, node: ConnectedNode): SafeguardError {
  return new SafeguardError({
    code: "SG1209",
    object: central.client.object,
    step: `assign roles of ${node.ip}`,
    cause: "the cluster does not list the node it just accepted",
  });
}
