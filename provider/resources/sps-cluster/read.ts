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
 * Reads the cluster and the inputs that describe it: actual search roles and addresses, without members that left the cluster, and without
 * steps whose outcome is gone. A member that does not answer is shown as unreachable; an unreachable Central Management node is an error.
 */
export async function read(id: string, state: SpsClusterState, context: OperationContext) {
  const found = await observe(state, state.nodes ?? [], context);
  if (!found) return undefined;
  warnAboutDrift(state, found, context);
  const { inputs, steps } = asFound(state, found);
  return { id, state: { ...state, ...inputs, ...found.observed.outputs, steps }, inputs };
}

interface Found {
  observed: Observed;
  views: NodeView[];
}

/** Reads every node of the program, and the cluster from the Central Management node. */
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
    context.log.warn(`${messageOf(error)}; the node is shown as unreachable, with the status that its cluster reports`);
    return { addresses, nodeId: undefined, version: undefined };
  }
}

/** Reports drift of outputs, which does not show as a difference of inputs. */
function warnAboutDrift(state: SpsClusterState, { observed }: Found, context: OperationContext): void {
  const object = `sps ${state.centralManagement.address}`;
  const { clusterId, version, nodes } = observed.outputs;
  if (state.clusterId && state.clusterId !== clusterId) {
    context.log.warn(
      `${object}: the cluster has the id ${clusterId} instead of ${state.clusterId}: another appliance answers at this address, or the node was reinstalled`,
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

/** The inputs that describe the cluster, and the steps whose outcome still exists. */
function asFound(state: SpsClusterState, { observed, views }: Found) {
  const planned = planNodes(state);
  const lostSteps = planned.flatMap((node, index) => {
    const entry = observed.entries[index];
    const [fixed = ""] = node.roles;
    const isAsPlanned = entry && sameRoles(entry.roles, [fixed, searchRoleOf(entry.roles) ?? ""]);
    // Only the search role is an input. Other missing roles show as a step to repeat.
    return entry && !isAsPlanned ? [rolesStep(node)] : [];
  });
  const described = <T extends { listenAddress?: string; searchRole?: unknown }>(inputs: T, index: number) => {
    const entry = observed.entries[index];
    const { addresses = [] } = views[index] ?? {};
    // An unresolvable node name is not drift.
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
