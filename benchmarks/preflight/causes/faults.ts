import type { FaultName } from "../../../lab/common/faults";
import type { CheckReport } from "../../../provider/join/preflight/report";
import type { LabPair } from "../lab-pair";
import type { Cause } from "./cause";

const fault = (name: FaultName, check: string, status: CheckReport["status"] = "fail"): Cause => ({
  name,
  check,
  status,
  fault: name,
});

/** Faults that the lab switches on by name. */
export const FAULTY: Cause[] = [
  fault("spp-certificate-mismatch", "spp-certificate-name"),
  fault("spp-untrusted-certificate", "spp-certificate"),
  fault("spp-not-spp", "spp-is-spp"),
  fault("spp-replica", "spp-primary"),
  fault("spp-permissions", "spp-permissions"),
  fault("spp-credentials", "spp-login"),
  fault("spp-second-factor", "spp-login"),
  fault("spp-operation-running", "spp-operation"),
  fault("spp-maintenance", "spp-online"),
  fault("spp-5xx", "spp-reachable"),
  fault("sps-5xx", "sps-reachable"),
  { ...fault("sps-sync-stuck", "sps-synchronization"), options: { members: 1 }, arrange: changeOnCentral },
  {
    ...fault("spp-slow", "spp-reachable", "warn"),
    options: { speed: 5 },
    arrange: () => ({ limitSeconds: 0.5 }),
    endSeconds: 0.8,
  },
  {
    ...fault("sps-slow", "sps-reachable", "warn"),
    options: { speed: 5 },
    arrange: () => ({ limitSeconds: 0.5 }),
    endSeconds: 0.8,
  },
];

async function changeOnCentral(pair: LabPair): Promise<undefined> {
  pair.central.sps.setSystemBackup(true);
  return undefined;
}
