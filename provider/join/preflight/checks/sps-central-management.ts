import { CENTRAL_MANAGEMENT } from "../../../sps/cluster";
import { type Check, fail, given, pass } from "../check";
import { valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** The node is the Central Management node of its cluster; only that can be joined. */
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
        : "point sps.address at the Central Management node, or make the cluster first (SpsCluster)";
      const cause = "the node is not a Central Management node, and only that can be joined";
      return fail("SG2110", cause, remedy, "sps.address");
    }),
};
