import type { OperationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { looksJoined } from "../../sps/configuration";
import type { Examined } from "./examine";
import { type ConnectedNode, type ConnectedNodes, entryOf } from "./nodes";

/** Consequence of a change from search-local to search-minion (SPP Administration Guide). */
export const LOSES_RECORDINGS =
  "sessions it recorded as search-local could no longer be played from SPP, to which the cluster is joined";

/** The warning about nodes that are added after the join to SPP. */
export function joinsLate(nodes: readonly string[]): string {
  return (
    `${nodes.join(", ")} ${nodes.length === 1 ? "joins" : "join"} a cluster that is JOINED TO SPP ALREADY: the vendor ` +
    "advises to add all members before the join (SPS Administration Guide, Joining to SPP); afterwards check on SPP " +
    "that sessions can be launched through every node"
  );
}

/**
 * Applies the rules of a cluster that is joined to SPP: warns about late members and about a changed address of the Central Management
 * node, and protects recordings. Sends requests only when one of these applies.
 * @throws SafeguardError SG1212 for a node that would change from search-local to search-minion.
 */
export async function guardJoined(
  nodes: ConnectedNodes,
  { isPromoted, listed }: Examined,
  context: OperationContext,
): Promise<void> {
  if (!isPromoted) return;
  const [central] = nodes;
  const late = nodes.filter((node) => !entryOf(node, listed));
  const losing = nodes.find((node) => losesRecordings(node, entryOf(node, listed)?.roles ?? []));
  const before = entryOf(central, listed)?.address;
  const isMoving = before !== undefined && before !== central.ip;
  if (late.length === 0 && !losing && !isMoving) return;
  if (!(await looksJoined(central.client))) return;
  if (losing) throw recordingsLost(losing);
  if (late.length > 0) {
    context.log.warn(`${central.client.object}: ${joinsLate(late.map(({ clusterAddress }) => clusterAddress))}`);
  }
  if (!isMoving) return;
  context.log.warn(
    `${central.client.object}: the address of the Central Management node changes from ${before} to ${central.ip}, and the cluster is joined to SPP: the join has to be repeated afterwards`,
  );
}

function losesRecordings(node: ConnectedNode, roles: readonly string[]): boolean {
  return roles.includes("search-local") && node.roles.includes("search-minion");
}

function recordingsLost(node: ConnectedNode): SafeguardError {
  return new SafeguardError({
    code: "SG1212",
    object: node.client.object,
    step: "change search-local to search-minion",
    cause: LOSES_RECORDINGS,
  });
}
