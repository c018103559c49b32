import type { BackupOrder } from "./backups";

/** Inputs that determine the steps of a join. */
export interface StepsOrder {
  sps: string;
  spp: string;
  backups: BackupOrder;
  /** Whether an existing join between other addresses is removed first. */
  isRejoin: boolean;
  /** Id of SPP's entry when both are joined already. */
  joinedAs?: number | undefined;
}

/** The steps of a join for a preview, in the order of `JOIN_PHASES`. */
export function describeSteps({ sps, spp, backups, isRejoin, joinedAs }: StepsOrder): string[] {
  if (joinedAs !== undefined)
    return [`already joined (entry ${joinedAs} on ${spp}): nothing is sent`, "read both sides"];
  const steps = [
    `log in to ${sps} and ${spp}`,
    "read both appliances: Central Management role, SPP primary and online, permissions of the account, existing link",
    "repeat the preflight",
    BACKUP_STEPS[backups.spp](spp),
    backups.sps === "require" && `make sure that ${sps} has a system backup policy`,
    `read the certificate chain of ${spp} and compare it with the address`,
    isRejoin && `re-join: disconnect the entry of the node on ${spp}; its access policies survive`,
    `POST /api/cluster/spp on ${sps}: one request (cannot be undone; open access requests on ${spp} are closed)`,
    `wait until ${spp} lists and trusts ${sps}`,
    `wait for the safeguard_default objects on ${sps}`,
    "wait until the cluster members are in sync again",
    "read both sides",
  ];
  return steps.filter((step) => typeof step === "string");
}

const BACKUP_STEPS: Record<BackupOrder["spp"], (spp: string) => string | false> = {
  take: (spp) => `back up ${spp} and wait until that is done`,
  require: (spp) => `make sure that ${spp} has a backup of the last seven days`,
  skip: () => false,
};
