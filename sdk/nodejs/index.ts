/** Safeguard for Pulumi: SPS clusters, their join to SPP, and the routers that redirect traffic through them. */
export { type DiagnoseOptions, type DiagnosisReport, diagnose, diagnosisLines, type SiteReport } from "./diagnose";
export { JoinGuard, type JoinGuardArgs, type JoinGuardOptions } from "./join-guard";
export { type CheckReport, type PreflightOptions, type PreflightReport, preflight, preflightLines } from "./preflight";
export { RouterRedirection, type RouterRedirectionArgs } from "./router-redirection";
export { Site, type SiteArgs } from "./site";
export { SppJoin, type SppJoinArgs } from "./spp-join";
export { SpsCluster, type SpsClusterArgs } from "./sps-cluster";
export {
  type ClusterStatus,
  type ClusterStatusOptions,
  getClusterStatus,
  getJoinStatus,
  type JoinStatus,
  type JoinStatusOptions,
} from "./status";
export { getTopology, type TopologyOptions, type TopologyReport } from "./topology";
