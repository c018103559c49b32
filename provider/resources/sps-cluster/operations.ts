import type { OperationContext } from "../../core/context";
import { differingPaths, isAccessOnly, pick } from "../../core/difference";
import { messageOf } from "../../core/errors";
import { Journal } from "../../core/journal";
import { exclusively } from "../../core/lock";
import { SpsClient } from "../../sps/client";
import { sameRoles } from "../../sps/cluster";
import type { Difference, Operations } from "../operations";
import { ipv4Addresses } from "./address";
import { check } from "./check";
import { converge } from "./converge";
import { withNodes } from "./nodes";
import { type ClusterOutputs, observeCluster } from "./observe";
import { planNodes } from "./plan";
import { type SpsClusterKnown, type SpsClusterState, spsClusterSchema } from "./schema";

const INPUT_KEYS = [...Object.keys(spsClusterSchema.shape), "steps"];

/** A cluster of SPS nodes under one Central Management node. Its id is that node's address at creation. */
export const spsCluster: Operations<SpsClusterKnown, SpsClusterState> = {
  check,
  diff,
  create,
  read,
  update,
  delete: forget,
};

async function diff(_id: string, olds: SpsClusterState, news: SpsClusterKnown): Promise<Difference> {
  const paths = differingPaths(pick(olds, INPUT_KEYS), pick(news, INPUT_KEYS));
  return { changes: paths.length > 0, paths };
}

async function create(
  inputs: SpsClusterKnown,
  context: OperationContext,
): Promise<{ id: string; state: SpsClusterState }> {
  const id = inputs.listenAddress ?? inputs.centralManagement.address;
  return { id, state: await bring(id, inputs, context) };
}

async function update(
  id: string,
  olds: SpsClusterState,
  news: SpsClusterKnown,
  context: OperationContext,
): Promise<{ state: SpsClusterState }> {
  const { paths } = await diff(id, olds, news);
  // No difference at all means that the engine resumes after a partial failure: then everything is verified again.
  if (paths.length > 0 && isAccessOnly(paths) && isComplete(olds)) {
    return { state: { ...news, ...outputsOf(olds) } };
  }
  return { state: await bring(id, news, context) };
}

/** Whether the recorded cluster is the wanted one; after a failure half-way it is not, whatever else changes meanwhile. */
function isComplete(state: SpsClusterState): boolean {
  const found = [...(state.nodes ?? [])];
  return planNodes(state).every(({ roles }) => {
    const index = found.findIndex((node) => node.synchronized && sameRoles(node.roles, roles));
    return index >= 0 && found.splice(index, 1).length === 1;
  });
}

async function bring(id: string, inputs: SpsClusterKnown, context: OperationContext): Promise<SpsClusterState> {
  const journal = new Journal();
  try {
    const key = `sps ${inputs.centralManagement.address}:${inputs.centralManagement.port}`;
    const convergence = { context, journal, timeouts: inputs.timeouts };
    await exclusively(key, () => withNodes(inputs, context, (nodes) => converge(nodes, convergence)));
    const outputs = await observe(inputs, context);
    if (outputs) return { ...inputs, ...outputs };
    throw new Error(`sps ${inputs.centralManagement.address}: the cluster vanished while it was verified`);
  } catch (error) {
    // Another login would count a wrong password twice.
    if (!journal.hasSideEffects) throw error;
    throw journal.failure(error, id, { ...inputs, ...(await observeIfPossible(inputs, context)) });
  }
}

async function read(id: string, state: SpsClusterState, context: OperationContext) {
  const outputs = await observe(state, context);
  if (!outputs) return undefined;
  const inputs = await inputsAsFound(state, outputs);
  return { id, state: { ...state, ...inputs, ...outputs }, inputs };
}

/** There is no REST operation that dissolves a cluster (SPS Administration Guide), so only the record goes. */
async function forget(_id: string, state: SpsClusterState, context: OperationContext): Promise<void> {
  context.log.warn(
    `sps ${state.centralManagement.address}: no longer managed by this program; the appliance stays Central Management node, its members stay members`,
  );
}

async function observe(inputs: SpsClusterKnown, context: OperationContext): Promise<ClusterOutputs | undefined> {
  const client = await SpsClient.open(inputs.centralManagement, context);
  try {
    return await observeCluster(client, context);
  } finally {
    await client.close();
  }
}

async function observeIfPossible(inputs: SpsClusterKnown, context: OperationContext): Promise<ClusterOutputs> {
  const nothing = { clusterId: "", version: "", nodes: [] };
  try {
    return (await observe(inputs, context)) ?? nothing;
  } catch (error) {
    context.log.debug(`reading back after a failure failed too: ${messageOf(error)}`);
    return nothing;
  }
}

/** The inputs that describe what was found: search roles as they are, members that left the cluster left out. */
async function inputsAsFound(state: SpsClusterState, outputs: ClusterOutputs): Promise<Record<string, unknown>> {
  const searchRole = (roles: string[] | undefined) => roles?.find((role) => role.startsWith("search-"));
  const members = [];
  for (const member of state.members) {
    const ips = await ipv4Addresses("sps", member.listenAddress ?? member.connection.address);
    const node = outputs.nodes.find(({ address }) => ips.includes(address));
    const found = searchRole(node?.roles);
    if (!node) continue;
    members.push({ ...member, searchRole: found ?? member.searchRole });
  }
  const central = outputs.nodes.find((node) => node.nodeId === outputs.clusterId);
  return { ...pick(state, INPUT_KEYS), searchRole: searchRole(central?.roles) ?? state.searchRole, members };
}

function outputsOf(state: SpsClusterState): ClusterOutputs {
  return { clusterId: state.clusterId, version: state.version, nodes: state.nodes };
}
