import { type Check, counted, fail, given, notChecked, pass } from "../check";
import { SOURCES } from "../sources";

/** Search roles whose nodes record sessions; a search master only searches. */
const RECORDING = ["search-local", "search-minion"];

/** Some node can record sessions, else SPP could launch none through the cluster. */
export const spsRecording: Check = {
  id: "sps-recording",
  title: "some node can record sessions",
  source: SOURCES.clusterRoles,
  isForRequest: true,
  run: ({ sps }) =>
    given(sps.cluster, ({ nodes }) => {
      if (nodes.length === 0) return notChecked("the node is in no cluster");
      const able = nodes.filter((node) => node.roles.some((role) => RECORDING.includes(role)));
      if (able.length > 0) return pass(`${able.length} of ${counted(nodes.length, "node")} can`);
      const remedy = "give the Central Management node the role search-local, or join a node that records";
      return fail(
        "SG2202",
        "no node has the role search-local or search-minion, so none can record",
        remedy,
        "sps.address",
      );
    }),
};
