import { type Check, fail, failedWith, given, notChecked, pass } from "../check";
import { SOURCES } from "../sources";

const CLUSTER = "/api/cluster";
const CHANGES = ["POST", "PUT"];
const REMEDY = "give the user read and write/perform on Basic Settings > Cluster management";

/** The account of the program may change the cluster, of which the join is a part. */
export const spsAccount: Check = {
  id: "sps-account",
  title: "the SPS account may join",
  source: SOURCES.manageClusters,
  isForRequest: true,
  run({ sps }) {
    const refused = fail("SG1014", `user ${sps.username} may not change the cluster`, REMEDY, "sps.username");
    if (failedWith(sps.cluster, ["SG1014"])) return refused;
    return given(sps.endpoints, (endpoints) => {
      if (endpoints === undefined) return notChecked("the node does not tell what an account may do");
      const ofCluster = endpoints.filter(({ path }) => path === CLUSTER || path.startsWith(`${CLUSTER}/`));
      if (ofCluster.length === 0) return notChecked("the node lists no endpoint of the cluster");
      const mayChange = ofCluster.some(({ methods }) => methods.some((method) => CHANGES.includes(method)));
      return mayChange ? pass(`user ${sps.username} may change the cluster`) : refused;
    });
  },
};
