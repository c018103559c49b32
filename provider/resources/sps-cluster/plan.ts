import type { ApplianceConnection } from "../../core/connection";
import { withoutAccess } from "../../core/json-schema";
import { ifKnown, UNKNOWN, type Unknown } from "../../core/unknown";
import { CENTRAL_MANAGEMENT, MANAGED_HOST } from "../../sps/cluster";
import { type SearchRole, type SpsClusterKnown, spsClusterSchema } from "./schema";

/** The wanted settings of one node. */
export interface PlannedNode {
  connection: ApplianceConnection;
  /** Address of its cluster service: an IPv4 address, or a host name that is resolved on use. */
  clusterAddress: string;
  isCentralManagement: boolean;
  roles: string[];
}

/** Inputs that determine the nodes of a cluster. */
export type PlanInputs = Pick<SpsClusterKnown, "centralManagement" | "listenAddress" | "searchRole" | "members">;

/** Default search role of a member: a search master searches the whole cluster. */
export function memberSearchRole(roles: readonly unknown[]): SearchRole {
  return roles.includes("search-master") ? "search-minion" : "search-local";
}

/** The wanted nodes, the Central Management node first. */
export function planNodes(inputs: PlanInputs): [PlannedNode, ...PlannedNode[]] {
  const memberDefault = memberSearchRole([inputs.searchRole, ...inputs.members.map((member) => member.searchRole)]);
  return [
    {
      connection: inputs.centralManagement,
      clusterAddress: inputs.listenAddress ?? inputs.centralManagement.address,
      isCentralManagement: true,
      roles: [CENTRAL_MANAGEMENT, inputs.searchRole],
    },
    ...inputs.members.map((member) => ({
      connection: member.connection,
      clusterAddress: member.listenAddress ?? member.connection.address,
      isCentralManagement: false,
      roles: [MANAGED_HOST, member.searchRole ?? memberDefault],
    })),
  ];
}

/** The step that assigns the roles of a node. */
export function rolesStep({ clusterAddress, isCentralManagement, roles }: PlannedNode): string {
  const consequence = isCentralManagement ? "" : " (takes over the whole configuration)";
  return `${clusterAddress}: roles ${roles.join(", ")}${consequence}`;
}

/** Which steps are completed, each by node. */
export interface CompletedSteps {
  isInterfaceEnabled(node: PlannedNode): boolean;
  isInCluster(node: PlannedNode): boolean;
  hasRoles(node: PlannedNode): boolean;
}

const NOTHING_COMPLETED: CompletedSteps = {
  isInterfaceEnabled: () => false,
  isInCluster: () => false,
  hasRoles: () => false,
};

/** The steps of a cluster. */
export interface ClusterSteps {
  /** In order; the state records all of them. */
  steps: string[];
  /** Those that cannot be undone. */
  irreversible: string[];
  /** Whether the cluster exists as declared. */
  isComplete: boolean;
}

/** The steps that are not completed. */
export function planSteps(inputs: PlanInputs, completed: CompletedSteps = NOTHING_COMPLETED): ClusterSteps {
  const nodes = planNodes(inputs);
  const [central, ...members] = nodes;
  const irreversible: string[] = [];
  const steps = nodes
    .filter((node) => !completed.isInterfaceEnabled(node))
    .map((node) => `${node.clusterAddress}: enable the cluster interface on ${node.clusterAddress}`);
  for (const node of nodes) {
    if (!completed.isInCluster(node)) {
      const step = memberStep(node, central);
      irreversible.push(step);
      steps.push(node === central ? `${step} (cannot be undone)` : step);
    }
    if (!completed.hasRoles(node)) steps.push(rolesStep(node));
  }
  if (steps.length === 0) return { steps: [NOTHING_TO_SEND], irreversible, isComplete: true };
  if (members.length > 0) steps.push(`wait for the configuration synchronization of ${members.length} managed host(s)`);
  return { steps, irreversible, isComplete: false };
}

/** The only step of a cluster that exists as declared. */
export const NOTHING_TO_SEND = "the cluster exists as declared: nothing is sent";

/** The texts of all steps, whatever is completed. */
export function describeSteps(inputs: PlanInputs): string[] {
  return planSteps(inputs).steps;
}

function memberStep(node: PlannedNode, central: PlannedNode): string {
  return node === central
    ? `${central.clusterAddress}: promote to Central Management node`
    : `${node.clusterAddress}: join the cluster of ${central.clusterAddress}`;
}

/** The addresses of the nodes with their wanted roles, for the preview of the join. */
export function plannedRoles(inputs: PlanInputs): { address: string; roles: string[] }[] {
  return planNodes(inputs).map(({ connection, roles }) => ({ address: connection.address, roles }));
}

/** The steps for the known inputs; credentials may be unknown. */
export function plannedSteps(inputs: SpsClusterKnown): string[] | Unknown {
  const known = ifKnown(withoutAccess(inputs, spsClusterSchema));
  return known ? describeSteps(known) : UNKNOWN;
}

/** Checks the role rules of a cluster (SPS Administration Guide, Cluster roles). */
export function roleProblems(inputs: PlanInputs): { path: string; reason: string }[] {
  const problems: { path: string; reason: string }[] = [];
  const nodes = planNodes(inputs);
  const paths = ["searchRole", ...inputs.members.map((_, index) => `members[${index}].searchRole`)];
  const masters = nodes.flatMap((node, index) => (node.roles.includes("search-master") ? [index] : []));
  const minion = nodes.findIndex((node) => node.roles.includes("search-minion"));
  const second = masters[1];
  const add = (index: number, text: string) => {
    const path = paths[index] ?? "searchRole";
    problems.push({ path, reason: `Invalid value for ${path}: ${text}` });
  };
  if (second !== undefined)
    add(second, "search-master. A cluster has at most one search master; use search-minion here.");
  if (nodes.length === 1 && masters.length === 1) {
    add(0, "search-master. A search master records no sessions, and there is no other node; use search-local.");
  }
  if (minion >= 0 && masters.length === 0) {
    add(
      minion,
      "search-minion. There is no search master to send to; use search-local, or make one node search-master.",
    );
  }
  const addresses = nodes.map((node) => node.clusterAddress);
  addresses.forEach((address, index) => {
    if (addresses.indexOf(address) === index) return;
    const path = `members[${index - 1}].connection.address`;
    problems.push({
      path,
      reason: `Invalid value for ${path}: ${address}. Another node of the cluster has this address.`,
    });
  });
  return problems;
}
