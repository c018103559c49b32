import { isSameName } from "../../../core/names";
import { CENTRAL_MANAGEMENT, MANAGED_HOST, membersOf, ownNode } from "../../../sps/cluster";
import { syncProblem } from "../../../sps/member-reports";
import { type Check, counted, fail, given, listed, notChecked, pass, SOURCES } from "../check";
import { nodeIdOf } from "../consequences";
import { valueIfRead } from "../gathering";

const IN_NO_CLUSTER = notChecked("the node is in no cluster");

/** States of the welcome wizard in which a node is usable; the vendor's own client accepts both. */
const READY = ["completed", "booting"];

export const spsSetUp: Check = {
  id: "sps-set-up",
  title: "SPS is set up",
  source: SOURCES.wizard,
  isForRequest: true,
  run: ({ sps }) =>
    given(sps.greeting, ({ setupStatus }) => {
      if (setupStatus === undefined) return notChecked("the node does not report it");
      if (READY.includes(setupStatus)) return pass("its welcome wizard is completed");
      const remedy = "complete the welcome wizard of the node first";
      return fail("SG2201", `its welcome wizard is ${setupStatus}`, remedy, "sps.address");
    }),
};

export const spsCentralManagement: Check = {
  id: "sps-central-management",
  title: "SPS is the Central Management node",
  source: SOURCES.join,
  run: ({ sps }) =>
    given(sps.info, ({ roles }) => {
      if (roles.includes(CENTRAL_MANAGEMENT)) return pass(`its roles are ${roles.join(", ")}`);
      const nodes = valueIfRead(sps.cluster)?.nodes ?? [];
      const other = nodes.find((node) => node.roles.includes(CENTRAL_MANAGEMENT));
      const remedy = other
        ? `point sps.address at ${other.address}, the Central Management node of its cluster`
        : "point sps.address at the Central Management node, or create the cluster first (SpsCluster)";
      const cause = "the node is not a Central Management node, and only that can be joined";
      return fail("SG2110", cause, remedy, "sps.address");
    }),
};

export const spsClusterId: Check = {
  id: "sps-cluster-id",
  title: "SPS is the cluster of the program",
  source: SOURCES.join,
  run: (facts) =>
    given(facts.sps.cluster, () => {
      const { clusterId } = facts;
      if (clusterId === undefined) return notChecked("the program sets no clusterId");
      const nodeId = nodeIdOf(facts);
      if (nodeId === undefined) return IN_NO_CLUSTER;
      if (isSameName(nodeId, clusterId)) return pass(`its node id is ${nodeId}`);
      const remedy = "point sps.address at the Central Management node of that cluster";
      return fail("SG2111", `its node id is ${nodeId}, but clusterId is ${clusterId}`, remedy, "clusterId");
    }),
};

/** The vendor advises against adding nodes after the join. */
export const spsMembers: Check = {
  id: "sps-members",
  title: "all members have joined",
  source: SOURCES.join,
  isForRequest: true,
  run: ({ sps }) =>
    given(sps.cluster, (cluster) => {
      const { nodes } = cluster;
      if (nodes.length === 0) return IN_NO_CLUSTER;
      const known = valueIfRead(sps.reports)?.map((report) => report.nodeId);
      const own = ownNode(cluster);
      const problems = nodes.flatMap((node) => {
        if (!node.roles.some((role) => role.startsWith("search-"))) return [`${node.address} has no search role`];
        const isSilent = known && node !== own && !known.includes(node.nodeId);
        return isSilent ? [`${node.address} is listed without a status`] : [];
      });
      if (problems.length === 0) return pass(`${counted(nodes.length, "node")}, each with its search role`);
      const remedy = "complete the cluster first (SpsCluster): nodes added after the join cause problems";
      return fail("SG2203", listed(problems), remedy, "sps.address");
    }),
};

/** Search roles of nodes that record sessions; a search master only searches. */
const RECORDING = ["search-local", "search-minion"];

export const spsRecording: Check = {
  id: "sps-recording",
  title: "some node can record sessions",
  source: SOURCES.clusterRoles,
  isForRequest: true,
  run: ({ sps }) =>
    given(sps.cluster, ({ nodes }) => {
      if (nodes.length === 0) return IN_NO_CLUSTER;
      const able = nodes.filter((node) => node.roles.some((role) => RECORDING.includes(role)));
      if (able.length > 0) return pass(`${able.length} of ${counted(nodes.length, "node")} can`);
      const text = "no node has the role search-local or search-minion, so none can record";
      const remedy = "give the Central Management node the role search-local, or add a node that records";
      return fail("SG2202", text, remedy, "sps.address");
    }),
};

export const spsSynchronization: Check = {
  id: "sps-synchronization",
  title: "the members are in sync",
  source: SOURCES.nodeStatus,
  isForRequest: true,
  run: ({ sps }) =>
    given(sps.cluster, (cluster) => {
      if (cluster.nodes.length === 0) return IN_NO_CLUSTER;
      const members = membersOf(cluster);
      if (members.length === 0) return pass("one node: nothing to synchronize");
      return given(sps.reports, (reports) => {
        const problems = members.flatMap(({ nodeId, address, roles }) => {
          const problem = roles.includes(MANAGED_HOST)
            ? syncProblem(reports.find((report) => report.nodeId === nodeId))
            : "is not a managed host, so it does not synchronize";
          return problem === undefined ? [] : [`${address} ${problem}`];
        });
        if (problems.length === 0) return pass(`${counted(members.length, "member")} in sync`);
        const remedy = "wait until the members have applied the configuration (they ask every 10 s), or fix them";
        return fail("SG2204", listed(problems), remedy, "sps.address");
      });
    }),
};
