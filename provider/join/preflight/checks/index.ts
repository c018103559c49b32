import type { Check } from "../check";
import { sppLogin, sppPermissions, spsAccount, spsLogin } from "./access";
import { ipv4Only, versionsEqual } from "./both";
import {
  sppCertificate,
  sppCertificateName,
  sppIsSpp,
  sppReachable,
  spsCertificate,
  spsIsSps,
  spsReachable,
} from "./identity";
import { joinRecent, joinState } from "./join-state";
import { sppAccessRequests, sppBackup, sppCertificateChain, sppOnline, sppOperation, sppPrimary } from "./spp-state";
import {
  spsCentralManagement,
  spsClusterId,
  spsMembers,
  spsRecording,
  spsSetUp,
  spsSynchronization,
} from "./sps-cluster";
import { spsBackup, spsDefaultNames } from "./sps-configuration";

export { notesOf } from "./notes";

/** All checks in the order of the report: SPS from the network inwards, SPP likewise, then both together. */
export const CHECKS: readonly Check[] = [
  spsReachable,
  spsCertificate,
  spsIsSps,
  spsSetUp,
  spsLogin,
  spsAccount,
  spsCentralManagement,
  spsClusterId,
  spsMembers,
  spsRecording,
  spsSynchronization,
  spsDefaultNames,
  spsBackup,
  sppReachable,
  sppCertificate,
  sppIsSpp,
  sppOnline,
  sppPrimary,
  sppLogin,
  sppPermissions,
  sppCertificateName,
  sppCertificateChain,
  sppOperation,
  sppAccessRequests,
  sppBackup,
  versionsEqual,
  ipv4Only,
  joinState,
  joinRecent,
];
