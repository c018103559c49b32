import { endingWith, type OperationContext } from "../../core/context";
import { clusterKey } from "../../core/deployment";
import { messageOf, SafeguardError } from "../../core/errors";
import type { PreflightMode } from "../../core/settings";
import { hasUnknown } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { sameRoles } from "../../sps/cluster";
import { readSystemBackupPolicy } from "../../sps/system-backup";
import type { Note } from "../operations";
import { type Examined, examineNodes } from "./examine";
import { type InterfacePlans, planInterfaces } from "./interfaces";
import { type ConnectedNode, type ConnectedNodes, entryOf, withOpenedNodes } from "./nodes";
import { type ClusterSteps, type PlanInputs, type PlannedNode, planNodes, plannedRoles, planSteps } from "./plan";
import { missingRight } from "./rights";

/** Limit of all requests of a preview together, in seconds. */
const LIMIT_SECONDS = 15;

/** What a preview finds out about the nodes. */
export interface NodesProof {
  failures: InputFailure[];
  notes: Note[];
  /** The steps that are due; undefined when not all nodes could be examined. */
  steps?: ClusterSteps;
}

/**
 * Checks whether the nodes can form the wanted cluster: login, rights, equal firmware, no other cluster, own address. Only reads, all nodes in
 * parallel. Reports every node that cannot, and which steps are due.
 */
export async function proveNodes(
  inputs: PlanInputs,
  mode: PreflightMode,
  context: OperationContext,
): Promise<NodesProof> {
  const nodes = planNodes(inputs);
  context.deployment.plannedClusters.set(clusterKey(inputs.centralManagement), plannedRoles(inputs));
  if (mode === "off") return { failures: [], notes: [] };
  const known = nodes.filter(({ connection }) => !hasUnknown(connection));
  const later = nodes.filter(({ connection }) => hasUnknown(connection));
  const limit = AbortSignal.timeout(LIMIT_SECONDS * 1000);
  const proof = await withOpenedNodes(known, endingWith(context, limit), async (opened) => {
    const found = await Promise.all(opened.map((result, index) => proveNode(result, pathOf(known[index], nodes))));
    const failures = found.flatMap((one) => one.failures);
    const connected = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    if (connected.length < nodes.length) return { failures, notes: [] };
    const plans = failures.length > 0 ? undefined : new Map(found.flatMap((one) => [...(one.plans ?? [])]));
    const whole = await proveCluster(inputs, connected as ConnectedNodes, plans);
    return { ...whole, failures: [...failures, ...whole.failures] };
  });
  context.signal.throwIfAborted();
  const unchecked = later.map(({ clusterAddress }): Note => {
    const text = `${clusterAddress} was not checked: its connection is known only during the update`;
    return { severity: "info", text };
  });
  const notes = [...proof.notes, ...unchecked];
  if (mode === "enforce" && !limit.aborted) {
    const own = clusterKey(inputs.centralManagement);
    for (const { path, code } of proof.failures)
      if (path === CENTRAL && code !== undefined) context.deployment.reportedFaults.add(`${own} ${code}`);
    return { ...proof, notes };
  }
  const warnings = proof.failures.map(({ reason }): Note => ({ severity: "warning", text: reason }));
  return { ...proof, failures: [], notes: [...warnings, ...notes] };
}

/** The failures of one node by itself, and the change of its cluster interface. */
async function proveNode(
  result: PromiseSettledResult<ConnectedNode>,
  path: string,
): Promise<{ failures: InputFailure[]; plans?: InterfacePlans }> {
  if (result.status === "rejected") return { failures: [failure(path, result.reason)] };
  const node = result.value;
  try {
    const plans = await planInterfaces([node]);
    const missing = await missingRight(node, plans.get(node) !== undefined);
    return { failures: missing ? [failure(path, missing)] : [], plans };
  } catch (error) {
    return { failures: [failure(path, error)] };
  }
}

/** The failures of all nodes together, and the steps that are due. */
async function proveCluster(
  inputs: PlanInputs,
  nodes: ConnectedNodes,
  plans: InterfacePlans | undefined,
): Promise<NodesProof> {
  const [{ client }] = nodes;
  const notes: Note[] = [];
  try {
    const examined = await examineNodes(nodes);
    const policy = await readSystemBackupPolicy(client).catch(() => "unknown");
    if (policy === undefined) {
      const text = `${client.object} has no system backup policy, which a join to SPP requires; set one at Basic Settings > Management > System backup`;
      notes.push({ severity: "warning", text });
    }
    return { failures: [], notes, ...(plans && { steps: dueSteps(inputs, nodes, examined, plans) }) };
  } catch (error) {
    return { failures: [failure("", error)], notes };
  }
}

function dueSteps(
  inputs: PlanInputs,
  nodes: ConnectedNodes,
  { isPromoted, listed }: Examined,
  plans: InterfacePlans,
): ClusterSteps {
  const own = ({ clusterAddress }: PlannedNode) => nodes.find((node) => node.clusterAddress === clusterAddress);
  const listedAs = (node: PlannedNode) => {
    const connected = own(node);
    return connected && entryOf(connected, listed);
  };
  return planSteps(inputs, {
    isInterfaceEnabled(node) {
      const connected = own(node);
      return connected !== undefined && plans.get(connected) === undefined;
    },
    isInCluster: (node) => (node.isCentralManagement ? isPromoted : listedAs(node) !== undefined),
    hasRoles(node) {
      const entry = listedAs(node);
      return entry !== undefined && sameRoles(entry.roles, node.roles) && entry.address === own(node)?.ip;
    },
  });
}

/** The input with the connection to the Central Management node, which is also the connection of the join. */
export const CENTRAL = "centralManagement";

function pathOf(node: PlannedNode | undefined, nodes: readonly PlannedNode[]): string {
  const index = node ? nodes.indexOf(node) : 0;
  return index === 0 ? CENTRAL : `members[${index - 1}].connection`;
}

function failure(path: string, error: unknown): InputFailure {
  return { path, reason: messageOf(error), ...(error instanceof SafeguardError && { code: error.code }) };
}
