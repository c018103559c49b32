import type { Check } from "../check";
import { ipv4Only } from "./ipv4-only";
import { joinRecent } from "./join-recent";
import { joinState } from "./join-state";
import { ports } from "./ports";
import { sppAccessRequests } from "./spp-access-requests";
import { sppBackup } from "./spp-backup";
import { sppCertificate } from "./spp-certificate";
import { sppCertificateChain } from "./spp-certificate-chain";
import { sppCertificateName } from "./spp-certificate-name";
import { sppIsSpp } from "./spp-is-spp";
import { sppLogin } from "./spp-login";
import { sppOnline } from "./spp-online";
import { sppOperation } from "./spp-operation";
import { sppPermissions } from "./spp-permissions";
import { sppPrimary } from "./spp-primary";
import { sppReachable } from "./spp-reachable";
import { spsAccount } from "./sps-account";
import { spsBackup } from "./sps-backup";
import { spsCentralManagement } from "./sps-central-management";
import { spsCertificate } from "./sps-certificate";
import { spsClusterId } from "./sps-cluster-id";
import { spsDefaultNames } from "./sps-default-names";
import { spsFirmware } from "./sps-firmware";
import { spsIsSps } from "./sps-is-sps";
import { spsLogin } from "./sps-login";
import { spsMembers } from "./sps-members";
import { spsReachable } from "./sps-reachable";
import { spsRecording } from "./sps-recording";
import { spsSetUp } from "./sps-set-up";
import { spsSynchronization } from "./sps-synchronization";
import { versionsEqual } from "./versions-equal";

/** Every check, in the order a person wants to read: SPS from the wire inwards, SPP likewise, then both together. */
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
  spsFirmware,
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
  ports,
];
