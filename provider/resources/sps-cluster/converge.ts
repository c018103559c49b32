import type { OperationContext } from "../../core/context";
import { messageOf, SafeguardError } from "../../core/errors";
import type { Journal } from "../../core/journal";
import { exclusively } from "../../core/lock";
import { poll } from "../../core/poll";
import { type SpsClient, SpsRefusal } from "../../sps/client";
import {
  type ClusterNode,
  isMember,
  joinMember,
  listNodes,
  promote,
  readSyncStates,
  sameRoles,
  setRoles,
} from "../../sps/cluster";
import { planClusterInterface } from "../../sps/network";
import { examineNodes } from "./examine";
import { type ReachedNode, withNodes } from "./nodes";
import type { SpsClusterKnown } from "./schema";

/**
 * Brings the nodes to the wanted cluster, from wherever they are: each step is left out where it is already done, so
 * the same call finishes what an interrupted one began. Steps done are written to the journal.
 * @throws SafeguardError SG1201–SG1210, SG1010–SG1017
 */
export async function converge(inputs: SpsClusterKnown, context: OperationContext, journal: Journal): Promise<void> {
  const key = `sps ${inputs.centralManagement.address}:${inputs.centralManagement.port}`;
  await exclusively(key, () => withNodes(inputs, context, (nodes) => convergeNodes(nodes, inputs, context, journal)));
}

async function convergeNodes(
  nodes: [ReachedNode, ...ReachedNode[]],
  inputs: SpsClusterKnown,
  context: OperationContext,
  journal: Journal,
): Promise<void> {
  const [central, ...members] = nodes;
  const limit = inputs.timeouts.stepSeconds;
  const examined = await examineNodes(nodes);

  // All are planned before the first is changed, so that an address a node does not have changes nothing.
  const plans = await Promise.all(nodes.map((node) => planClusterInterface(node.client, node.ip)));
  const enabled = await Promise.allSettled(
    nodes.map(async (node, index) => {
      const enable = plans[index];
      if (enable) await journal.step(`${node.clusterAddress}: cluster interface enabled`, () => enable(limit));
    }),
  );
  for (const result of enabled) if (result.status === "rejected") throw result.reason;

  if (!examined.isPromoted) {
    context.log.info(`${central.client.object}: promoting to Central Management node`);
    await journal.step(`${central.clusterAddress}: promoted`, () => promote(central.client, limit));
  }
  await resignSearchMaster(central, nodes, limit, journal);
  await ensureRoles(central, central, limit, journal);
  for (const member of members) {
    await ensureMember(central, member, limit, context, journal);
    await ensureRoles(central, member, limit, journal);
  }
  if (members.length > 0) await awaitSynchronization(central, members, inputs, context);
  await tellOfOthers(central, nodes, context);
}

/** A cluster has at most one search master, so the old one has to step back before another is named. */
async function resignSearchMaster(
  central: ReachedNode,
  nodes: readonly ReachedNode[],
  limit: number,
  journal: Journal,
): Promise<void> {
  const { nodes: listed } = await listNodes(central.client);
  for (const node of nodes) {
    const isMaster = listed.some(({ address, roles }) => address === node.ip && roles.includes("search-master"));
    if (isMaster && !node.roles.includes("search-master")) await ensureRoles(central, node, limit, journal);
  }
}

/** There is no REST operation that takes a node out of its cluster (SPS REST reference §8.5). */
async function tellOfOthers(
  central: ReachedNode,
  nodes: readonly ReachedNode[],
  context: OperationContext,
): Promise<void> {
  const { nodes: listed } = await listNodes(central.client);
  const others = listed.map(({ address }) => address).filter((address) => !nodes.some(({ ip }) => ip === address));
  if (others.length === 0) return;
  context.log.warn(
    `${central.client.object}: the cluster also has ${others.join(", ")}; they stay members as they are`,
  );
}

async function ensureMember(
  central: ReachedNode,
  member: ReachedNode,
  limit: number,
  context: OperationContext,
  journal: Journal,
): Promise<void> {
  const { client, clusterAddress } = member;
  const join = () => joinMember(central.client, central.ip, client, limit);
  if (!(await findNode(central.client, member.ip))) {
    context.log.info(`${client.object}: joining the cluster of ${central.ip}`);
    await journal.step(`${clusterAddress}: joined the cluster`, join);
    return;
  }
  if (await isMember(client)) return;
  // An earlier run ended between the two commits of a join: the cluster lists the node, the node knows no cluster.
  context.log.info(`${client.object}: the cluster lists the node, but it knows no cluster; joining again`);
  try {
    await journal.step(`${clusterAddress}: joined the cluster again`, join);
  } catch (error) {
    if (!(error instanceof SpsRefusal) || ![400, 409].includes(error.status)) throw error;
    // Perhaps it only has not heard of the cluster yet; waiting for its first report will tell.
    context.log.warn(`${messageOf(error)}; if the node never reports, remove its entry and run pulumi up again`);
  }
}

async function ensureRoles(central: ReachedNode, node: ReachedNode, limit: number, journal: Journal): Promise<void> {
  const listed = await findNode(central.client, node.ip);
  if (!listed) {
    throw new SafeguardError({
      code: "SG1209",
      object: central.client.object,
      step: `assign roles of ${node.ip}`,
      cause: "the cluster does not list the node it just accepted",
      remedy: "run pulumi up again; if it stays so, look at Basic Settings > Cluster management",
    });
  }
  if (sameRoles(listed.roles, node.roles)) return;
  await journal.step(`${node.clusterAddress}: roles ${node.roles.join(", ")}`, () =>
    setRoles(central.client, listed, node.roles, limit),
  );
}

async function awaitSynchronization(
  central: ReachedNode,
  members: ReachedNode[],
  inputs: SpsClusterKnown,
  context: OperationContext,
): Promise<void> {
  const listed = await Promise.all(members.map((member) => findNode(central.client, member.ip)));
  const ids = listed.map((node) => node?.nodeId);
  await poll(
    context,
    {
      object: central.client.object,
      awaiting: "configuration synchronization of all managed hosts",
      limitSeconds: inputs.timeouts.synchronizationSeconds,
      remedy: "look at Basic Settings > Cluster management for the issues of the node, then run pulumi up again",
      code: "SG1210",
    },
    async () => {
      const states = await readSyncStates(central.client);
      const missing = ids.flatMap((id, index) => {
        const state = states.find((candidate) => candidate.nodeId === id);
        if (state?.synchronized && state.lastSeen) return [];
        return [`${members[index]?.clusterAddress} ${state?.status ?? "never reported"}`];
      });
      return missing.length === 0 ? { done: undefined } : { seen: missing.join(", ") };
    },
  );
  context.log.info(`${central.client.object}: ${members.length} managed host(s) have the configuration`);
}

async function findNode(central: SpsClient, ip: string): Promise<ClusterNode | undefined> {
  const { nodes } = await listNodes(central);
  return nodes.find((node) => node.address === ip);
}
