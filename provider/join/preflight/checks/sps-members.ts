import { type Check, counted, fail, given, listed, notChecked, pass } from "../check";
import { valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** Every node of the cluster is wholly in: it has its roles and reports. Joining nodes later is problematic. */
export const spsMembers: Check = {
  id: "sps-members",
  title: "all members are in",
  source: SOURCES.join,
  isForRequest: true,
  run: ({ sps }) =>
    given(sps.cluster, ({ nodes, selfId }) => {
      if (nodes.length === 0) return notChecked("the node is in no cluster");
      const known = valueIfRead(sps.reports)?.map((report) => report.nodeId);
      const unfinished = nodes.filter((node) => !node.roles.some((role) => role.startsWith("search-")));
      const silent = nodes.filter((node) => known && node.nodeId !== selfId && !known.includes(node.nodeId));
      if (unfinished.length + silent.length === 0)
        return pass(`${counted(nodes.length, "node")}, each with its search role`);
      const problems = [
        ...unfinished.map((node) => `${node.address} has no search role`),
        ...silent
          .filter((node) => !unfinished.includes(node))
          .map((node) => `${node.address} is listed without a status`),
      ];
      const remedy = "finish the cluster first (SpsCluster): nodes that come in after the join make trouble";
      return fail("SG2203", listed(problems), remedy, "sps.address");
    }),
};
