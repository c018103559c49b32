import { routerRedirection } from "./router-redirection/operations";
import { sppJoin } from "./spp-join/operations";
import { spsCluster } from "./sps-cluster/operations";

/** Every resource by the name it has in programs and states; the names never change. */
export const resources = {
  SpsCluster: { operations: spsCluster, previewedOutputs: ["steps"] },
  SppJoin: { operations: sppJoin, previewedOutputs: ["steps"] },
  RouterRedirection: { operations: routerRedirection, previewedOutputs: ["rules"] },
} as const;
