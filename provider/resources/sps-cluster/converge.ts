import type { OperationContext } from "../../core/context";
import { listNodes } from "../../sps/cluster";
import { promote } from "../../sps/cluster-changes";
import type { Convergence } from "./convergence";
import { type Examined, examineNodes } from "./examine";
import { enableInterfaces, planInterfaces } from "./interfaces";
import { guardJoined } from "./joined";
import { joinMembers } from "./members";
import { type ConnectedNode, type ConnectedNodes, entryOf } from "./nodes";
import { refuseMissingRights } from "./rights";
import { updateEntries } from "./roles";
import { awaitSynchronization } from "./synchronization";

/**
 * Brings the nodes into the wanted cluster from any state. Completed steps are skipped, so the same call finishes an interrupted run. The
 * journal records completed steps.
 * @throws SafeguardError SG1201–SG1214, SG1010–SG1017
 */
export async function converge(nodes: ConnectedNodes, convergence: Convergence): Promise<void> {
  const { context, journal, timeouts } = convergence;
  const [central, ...members] = nodes;
  const examined = await examineNodes(nodes);
  // All changes are planned before the first one, so that an address the node does not have changes nothing.
  const plans = await planInterfaces(nodes);
  await guardJoined(nodes, examined, context);
  if (!isFormed(nodes, examined)) await refuseMissingRights(nodes, plans);
  if (!examined.isPromoted) await convergence.proveFirst();
  const moving = nodes.filter((node) => isMoving(node, examined));
  const staying = nodes.filter((node) => !moving.includes(node));

  await enableInterfaces(staying, plans, convergence);
  if (!examined.isPromoted) {
    context.log.info(`${central.client.object}: promoting to Central Management node`);
    await journal.step(`${central.clusterAddress}: promoted`, () => promote(central.client, timeouts.stepSeconds));
    central.nodeId = (await listNodes(central.client)).selfId;
  }
  // An entry for a node outside any cluster is left over from a broken join. The next join replaces it.
  await updateEntries(central, [central, ...members.filter((node) => examined.belonging.has(node))], convergence);
  if (moving.length > 0) {
    // The members learn the new address from the Central Management node at its old address.
    const followers = members.filter((node) => examined.belonging.has(node));
    if (moving.includes(central)) await awaitSynchronization(central, followers, convergence);
    await enableInterfaces(moving, plans, convergence);
  }
  await joinMembers(central, members, convergence);
  await updateEntries(central, nodes, convergence);
  if (members.length > 0) await awaitSynchronization(central, members, convergence);
  await warnAboutOtherNodes(central, nodes, context);
}

/** Whether the cluster lists every node. */
function isFormed(nodes: ConnectedNodes, { listed }: Examined): boolean {
  return nodes.every((node) => entryOf(node, listed) !== undefined);
}

/** Whether the cluster lists the node with an address other than the wanted one. */
function isMoving(node: ConnectedNode, { listed }: Examined): boolean {
  const entry = entryOf(node, listed);
  return entry !== undefined && entry.address !== node.ip;
}

/** No REST operation removes a node from its cluster (SPS REST reference §8.5). */
async function warnAboutOtherNodes(
  central: ConnectedNode,
  nodes: readonly ConnectedNode[],
  context: OperationContext,
): Promise<void> {
  const { nodes: listed } = await listNodes(central.client);
  const others = listed.map(({ address }) => address).filter((address) => !nodes.some(({ ip }) => ip === address));
  if (others.length === 0) return;
  context.log.warn(
    `${central.client.object}: the cluster also has ${others.join(", ")}; they stay members as they are`,
  );
}
