import { isSameName } from "../../../core/names";
import { type Check, fail, given, notChecked, pass } from "../check";
import { nodeIdOf } from "../entry";
import { SOURCES } from "../sources";

/** The node belongs to the cluster the program means. */
export const spsClusterId: Check = {
  id: "sps-cluster-id",
  title: "SPS is the cluster of the program",
  source: SOURCES.join,
  run: (facts) =>
    given(facts.sps.cluster, () => {
      const { clusterId } = facts;
      if (clusterId === undefined) return notChecked("the program names no clusterId");
      const nodeId = nodeIdOf(facts);
      if (nodeId === undefined) return notChecked("the node is in no cluster");
      if (isSameName(nodeId, clusterId)) return pass(`its node id is ${nodeId}`);
      const remedy = "point sps.address at the Central Management node of that cluster";
      return fail("SG2111", `its node id is ${nodeId}, but clusterId is ${clusterId}`, remedy, "clusterId");
    }),
};
