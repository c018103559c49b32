import { dynamicFront } from "./dynamic-front";
import { routerRedirectionSubject } from "./router-redirection";
import { sppJoinSubject } from "./spp-join";
import { spsClusterSubject } from "./sps-cluster";
import { describeContract } from "./suite";

describeContract(dynamicFront, spsClusterSubject);
describeContract(dynamicFront, sppJoinSubject);
describeContract(dynamicFront, routerRedirectionSubject);
