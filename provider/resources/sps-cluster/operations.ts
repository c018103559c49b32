import type { OperationContext } from "../../core/context";
import { isAccessOnly, pick } from "../../core/difference";
import { messageOf } from "../../core/errors";
import { Journal } from "../../core/journal";
import { exclusively } from "../../core/lock";
import { readInfo, sameRoles } from "../../sps/cluster";
import type { Operations } from "../operations";
import { check } from "./check";
import { converge } from "./converge";
import { diff } from "./diff";
import { type ConnectedNodes, withNodes } from "./nodes";
import { type ClusterOutputs, observeCluster } from "./observe";
import { describeSteps, planNodes } from "./plan";
import { preview } from "./preview";
import { proveLaterSteps } from "./prove-first";
import { observe, read } from "./read";
import { INPUT_KEYS, type NodeOutput, type SpsClusterKnown, type SpsClusterState, spsClusterSchema } from "./schema";

/** A cluster of SPS nodes under one Central Management node. Its id is that node's address at creation. */
export const spsCluster: Operations<SpsClusterKnown, SpsClusterState> = {
  check,
  diff,
  preview,
  create,
  read,
  update,
  delete: forget,
};

async function create(
  inputs: SpsClusterKnown,
  context: OperationContext,
): Promise<{ id: string; state: SpsClusterState }> {
  const id = inputs.listenAddress ?? inputs.centralManagement.address;
  return { id, state: await bring(id, inputs, [], context) };
}

async function update(
  id: string,
  olds: SpsClusterState,
  news: SpsClusterKnown,
  context: OperationContext,
): Promise<{ state: SpsClusterState }> {
  const paths = diff(id, olds, news).map(({ path }) => path);
  // Without any difference, Pulumi resumes after a partial failure, so everything is verified again.
  if (paths.length > 0 && isAccessOnly(paths, spsClusterSchema) && isComplete(olds)) {
    return { state: { ...recorded(news), ...outputsOf(olds), steps: olds.steps } };
  }
  return { state: await bring(id, news, olds.nodes ?? [], context) };
}

/** Whether the recorded cluster is the wanted one. After a partial failure it is not, regardless of other changes. */
function isComplete(state: SpsClusterState): boolean {
  const found = [...(state.nodes ?? [])];
  return planNodes(state).every(({ roles }) => {
    const index = found.findIndex((node) => node.synchronized && sameRoles(node.roles, roles));
    return index >= 0 && found.splice(index, 1).length === 1;
  });
}

async function bring(
  id: string,
  inputs: SpsClusterKnown,
  before: readonly NodeOutput[],
  context: OperationContext,
): Promise<SpsClusterState> {
  const journal = new Journal();
  const key = `sps ${inputs.centralManagement.address}:${inputs.centralManagement.port}`;
  try {
    const outputs = await exclusively(key, () =>
      withNodes(inputs, context, async (nodes) => {
        const proveFirst = () => proveLaterSteps(inputs, nodes[0].client, context);
        await converge(nodes, { context, journal, timeouts: inputs.timeouts, proveFirst });
        return observeConnected(nodes);
      }),
    );
    if (outputs) context.log.result(resultOf(inputs, outputs));
    if (outputs) return { ...recorded(inputs), ...outputs, steps: describeSteps(inputs) };
    throw new Error(`sps ${inputs.centralManagement.address}: the cluster vanished while it was verified`);
  } catch (error) {
    // Another login would count a wrong password twice.
    if (!journal.hasSideEffects) throw error;
    const observed = await observeIfPossible(inputs, before, context);
    throw journal.failure(error, id, { ...recorded(inputs), ...observed, steps: describeSteps(inputs) });
  }
}

function resultOf({ centralManagement }: SpsClusterKnown, { nodes, version }: ClusterOutputs): string {
  const inSync = nodes.filter(({ synchronized }) => synchronized).length;
  return `sps ${centralManagement.address}: Central Management node; ${inSync} of ${nodes.length} cluster nodes in sync, version ${version}`;
}

/** Reads the cluster over the open sessions. */
async function observeConnected(nodes: ConnectedNodes): Promise<ClusterOutputs | undefined> {
  const views = await Promise.all(
    nodes.map(async ({ client, ip, nodeId }) => {
      return { addresses: [ip], nodeId, version: (await readInfo(client)).firmwareVersion };
    }),
  );
  return (await observeCluster(nodes[0].client, views, []))?.outputs;
}

async function observeIfPossible(
  inputs: SpsClusterKnown,
  before: readonly NodeOutput[],
  context: OperationContext,
): Promise<ClusterOutputs> {
  const nothing = { clusterId: "", version: "", nodes: [] };
  try {
    return (await observe(inputs, before, context))?.observed.outputs ?? nothing;
  } catch (error) {
    context.log.debug(`reading back after a failure failed too: ${messageOf(error)}`);
    return nothing;
  }
}

/** No REST operation dissolves a cluster (SPS Administration Guide), so the resource is only removed from the state. */
async function forget(_id: string, state: SpsClusterState, context: OperationContext): Promise<void> {
  context.log.warn(
    `sps ${state.centralManagement.address}: no longer managed by this program; the appliance stays Central Management node, its members stay members`,
  );
}

/** The inputs that a state records. */
function recorded(inputs: SpsClusterKnown): SpsClusterKnown {
  return pick(inputs, INPUT_KEYS) as unknown as SpsClusterKnown;
}

function outputsOf(state: SpsClusterState): ClusterOutputs {
  return { clusterId: state.clusterId, version: state.version, nodes: state.nodes };
}
