import { dynamicFront } from "./dynamic-front";
import { joinGuardCase } from "./join-guard";
import { routerRedirectionCase } from "./router-redirection";
import { sppJoinCase } from "./spp-join";
import { spsClusterCase } from "./sps-cluster";
import { describeContract } from "./suite";

describeContract(dynamicFront, spsClusterCase);
describeContract(dynamicFront, sppJoinCase);
describeContract(dynamicFront, routerRedirectionCase);
describeContract(dynamicFront, joinGuardCase);
