import { dynamicFront } from "./dynamic-front";
import { sppJoinSubject } from "./spp-join";
import { spsClusterSubject } from "./sps-cluster";
import { describeContract } from "./suite";

describeContract(dynamicFront, spsClusterSubject);
describeContract(dynamicFront, sppJoinSubject);
