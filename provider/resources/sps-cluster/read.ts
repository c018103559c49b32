import type { OperationContext } from "../../core/context";
import { pick } from "../../core/difference";
import { messageOf } from "../../core/errors";
import { SpsClient } from "../../sps/client";
import { listNodeIds, readInfo, sameRoles } from "../../sps/cluster";
import { ipv4Addresses } from "./address";
import { type NodeView, type Observed, observeCluster } from "./observe";
import { type PlannedNode, planNodes, rolesStep } from "./plan";
import { INPUT_KEYS, type NodeOutput, type SpsClusterKnown, type SpsClusterState } from "./schema";

/**
 * The cluster as it is now, and the inputs that would describe it: search roles and addresses as found, members that
 * left the cluster left out, steps left out whose outcome is gone. A member that does not answer is shown as
 * unreachable; that the Central Management node does not is an error.
 */
export async function read(id: string, state: SpsClusterState, context: OperationContext) {
  const found = await observe(state, state.nodes ?? [], context);
  if (!found) return undefined;
  tellOfDrift(state, found, context);
  const { inputs, steps } = asFound(state, found);
  return { id, state: { ...state, ...inputs, ...found.observed.outputs, steps }, inputs };
}

interface Found {
  observed: Observed;
  views: NodeView[];
}

/** Asks every node of the program, and the Central Management node for the cluster. */
export async function observe(
  inputs: SpsClusterKnown,
  before: readonly NodeOutput[],
  context: OperationContext,
): Promise<Found | undefined> {
  const client = await SpsClient.open(inputs.centralManagement, context);
  try {
    const [central, ...members] = planNodes(inputs);
    const views = await Promise.all([
      viewOfCentral(central, client),
      ...members.map((member) => viewOf(member, context)),
    ]);
    const observed = await observeCluster(client, views, before);
    return observed && { observed, views };
  } finally {
    await client.close();
  }
}

async function viewOfCentral(node: PlannedNode, client: SpsClient): Promise<NodeView> {
  const addresses = await ipv4Addresses(client.object, node.clusterAddress).catch(() => []);
  return { addresses, nodeId: undefined, version: undefined };
}

async function viewOf(node: PlannedNode, context: OperationContext): Promise<NodeView> {
  const object = `sps ${node.connection.address}`;
  const addresses = await ipv4Addresses(object, node.clusterAddress).catch(() => []);
  try {
    const client = await SpsClient.open(node.connection, context);
    try {
      const [info, { selfId }] = await Promise.all([readInfo(client), listNodeIds(client)]);
      return { addresses, nodeId: selfId, version: info.firmwareVersion };
    } finally {
      await client.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.log.warn(`${messageOf(error)}; the node is shown as unreachable, with what its cluster tells of it`);
    return { addresses, nodeId: undefined, version: undefined };
  }
}

/** What is not an input, and so does not show as a difference. */
function tellOfDrift(state: SpsClusterState, { observed }: Found, context: OperationContext): void {
  const object = `sps ${state.centralManagement.address}`;
  const { clusterId, version, nodes } = observed.outputs;
  if (state.clusterId && state.clusterId !== clusterId) {
    context.log.warn(
      `${object}: the cluster has the id ${clusterId} instead of ${state.clusterId}: another appliance answers at this address, or it was set up anew`,
    );
  }
  for (const node of nodes) {
    const before = state.nodes?.find(({ address }) => address === node.address);
    if (before && before.nodeId !== node.nodeId && node.nodeId !== clusterId) {
      context.log.warn(
        `${object}: node ${node.address} has the id ${node.nodeId} instead of ${before.nodeId}: another appliance took its place`,
      );
    }
    if (node.version !== undefined && node.version !== version) {
      context.log.warn(`${object}: node ${node.address} runs ${node.version}, the Central Management node ${version}`);
    }
    if (!node.synchronized) {
      context.log.warn(
        `${object}: node ${node.address} is not synchronized; it reported last ${node.lastSeen ?? "never"}`,
      );
    }
  }
}

/** The inputs that would describe the cluster, and the steps whose outcome is still there. */
function asFound(state: SpsClusterState, { observed, views }: Found) {
  const planned = planNodes(state);
  const lostSteps = planned.flatMap((node, index) => {
    const entry = observed.entries[index];
    const [fixed = ""] = node.roles;
    const isAsPlanned = entry && sameRoles(entry.roles, [fixed, searchRoleOf(entry.roles) ?? ""]);
    // Only the search role is an input: that the others are gone shows as a step that is to be done again.
    return entry && !isAsPlanned ? [rolesStep(node)] : [];
  });
  const described = <T extends { listenAddress?: string; searchRole?: unknown }>(inputs: T, index: number) => {
    const entry = observed.entries[index];
    const { addresses = [] } = views[index] ?? {};
    // A name that nobody resolves just now tells nothing about the node.
    if (!entry) return addresses.length === 0 ? inputs : undefined;
    const isMoved = addresses.length > 0 && !addresses.includes(entry.address);
    const found = searchRoleOf(entry.roles);
    return {
      ...inputs,
      ...(found === undefined ? {} : { searchRole: found }),
      ...(isMoved ? { listenAddress: entry.address } : {}),
    };
  };
  const members = state.members.flatMap((member, index) => described(member, index + 1) ?? []);
  const steps = state.steps.filter((step) => !lostSteps.includes(step));
  return { inputs: { ...described(pick(state, INPUT_KEYS), 0), members }, steps };
}

function searchRoleOf(roles: readonly string[]): string | undefined {
  return roles.find((role) => role.startsWith("search-"));
}
