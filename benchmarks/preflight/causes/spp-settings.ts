import { LabPair } from "../lab-pair";
import { type Cause, spp } from "./cause";

/** SPP not as it must be, or the two not fitting together. */
export const SPP_SETTINGS: Cause[] = [
  { name: "versions differ", check: "versions-equal", status: "fail", options: { spp: { version: "8.1.0.21662" } } },
  { name: "revisions differ", check: "versions-equal", status: "fail", options: { sps: { firmwareVersion: "8.0.1" } } },
  {
    name: "SPP certificate names only the host name, the address is used",
    check: "spp-certificate-name",
    status: "fail",
    options: { spp: { certificate: { ipAddresses: [] } } },
    arrange: (pair) => spp(pair, LabPair.pin(pair.spp.certificate)),
  },
  {
    name: "SPP certificate names the address as a DNS name alone",
    check: "spp-certificate-name",
    status: "fail",
    options: { spp: { certificate: { dnsNames: ["127.0.60.5"], ipAddresses: [] } } },
    arrange: (pair) => spp(pair, LabPair.pin(pair.spp.certificate)),
  },
  {
    name: "SPP certificate names only the address, a name is used",
    check: "spp-certificate-name",
    status: "fail",
    options: { spp: { address: "127.0.0.1" } },
    arrange: (pair) => spp(pair, { ...LabPair.pin(pair.spp.certificate), address: "localhost" }),
  },
  {
    name: "SPP account with one of the permissions",
    check: "spp-permissions",
    status: "fail",
    options: { spp: { roles: ["ApplianceAdmin"] } },
  },
  {
    name: "SPP account with roles that look alike",
    check: "spp-permissions",
    status: "fail",
    options: { spp: { roles: ["SystemAuditor", "Auditor", "GlobalAdmin"] } },
  },
  {
    name: "SPP refuses more logins",
    check: "spp-login",
    status: "fail",
    options: { spp: { loginThrottle: true } },
    arrange: useUpLogins,
  },
  { name: "old backup of SPP", check: "spp-backup", status: "warn", options: { spp: { backupAgeDays: 30 } } },
  {
    name: "no backup of SPP",
    check: "spp-backup",
    status: "warn",
    options: { spp: { backupAgeDays: Number.POSITIVE_INFINITY } },
  },
  {
    name: "open access requests",
    check: "spp-access-requests",
    status: "warn",
    options: { spp: { roles: ["ApplianceAdmin", "OperationsAdmin", "PolicyAdmin"] } },
  },
];

async function useUpLogins(pair: LabPair): Promise<undefined> {
  while (pair.spp.context.users.allowLogin(pair.spp.context.options.username));
  return undefined;
}
