import type { AddressBook } from "../common/address-book";
import type { LabCertificateAuthority } from "../common/certificates";
import type { LabClock } from "../common/clock";
import type { FaultSwitches } from "../common/faults";

/** The administrative roles of SPP. */
export const ADMIN_ROLES = [
  "GlobalAdmin",
  "Auditor",
  "AssetAdmin",
  "ApplianceAdmin",
  "PolicyAdmin",
  "UserAdmin",
  "HelpdeskAdmin",
  "OperationsAdmin",
  "ApplicationAuditor",
  "SystemAuditor",
] as const;

export type AdminRole = (typeof ADMIN_ROLES)[number];

/** How the simulated appliance behaves where nobody outside the vendor knows how the real one does. */
export interface SppVariants {
  /**
   * What an unfinished join looks like: a row with thumbprint, a row among the disconnected ones without
   * thumbprint, or no row at all until it is trusted. Default "listed".
   */
  unfinishedJoin: "listed" | "disconnected" | "hidden";
  /** `Trusted` of a split row. Default false. */
  splitRowTrusted: boolean;
  /** Whether a join after a split gets the old row with its `Id` and `Description`. Default true. */
  rejoinKeepsRow: boolean;
  /** Whether a replica refuses DELETE of a session module with 60418. Default true. */
  replicaRefusesDelete: boolean;
  /** Status for DELETE of a session module that does not exist. Default 404. */
  deleteUnknownStatus: 400 | 404;
  /** Whether PUT changes `UseHostNameForLaunch`; the vendor's documents contradict each other. Default true. */
  hostNameForLaunchSettable: boolean;
  /** Whether a join needs OperationsAdmin besides ApplianceAdmin, as the join guide says. Default true. */
  joinNeedsOperationsAdmin: boolean;
  /** How certificates are returned: as PEM text, as clients read it, or as bare base64. Default "pem". */
  certificateEncoding: "pem" | "base64";
  /** Whether PolicyAdmin and Auditor see everybody's access requests. Default true. */
  auditorsSeeAllRequests: boolean;
}

/** What a simulated SPP appliance is made of. */
export interface SppOptions {
  clock: LabClock;
  faults: FaultSwitches;
  /** Issues the appliance's TLS certificate. */
  authority: LabCertificateAuthority;
  /** The appliance adds itself here when it starts, and knows other appliances only from here. */
  addressBook: AddressBook;
  /** Loopback address to listen on, and the appliance's IPv4 address. */
  address: string;
  /** 0 for any free port. */
  port: number;
  hostName: string;
  /** Four numbers with dots. Default "8.0.0.21662". */
  version?: string;
  /** Default "safeguard-join". */
  username?: string;
  password: string;
  /** Roles of the account. Default ApplianceAdmin and OperationsAdmin. */
  roles?: AdminRole[];
  /** Whether the resource owner password grant is on. Default false, as on a fresh 8.x appliance. */
  passwordGrant?: boolean;
  /** What the TLS certificate says. Default: the host name and the address, issued by the root. */
  certificate?: { dnsNames?: string[]; ipAddresses?: string[]; intermediates?: number };
  /** How many access requests are open at start. Default 2. */
  openAccessRequests?: number;
  /** Age of the newest backup; Infinity for no backup at all. Default 1. */
  backupAgeDays?: number;
  /** Whether the login controller refuses a user who logs in too often. Default false. */
  loginThrottle?: boolean;
  /** Highest API version the appliance hosts. Default 4. */
  newestApiVersion?: 3 | 4;
  variants?: Partial<SppVariants>;
}

/** The options with every default filled in. */
export type ResolvedOptions = Required<Omit<SppOptions, "variants" | "certificate">> & {
  variants: SppVariants;
  certificate: { dnsNames: string[]; ipAddresses: string[]; intermediates: number };
};

/** Fills in the defaults. */
export function resolveOptions(options: SppOptions): ResolvedOptions {
  return {
    version: "8.0.0.21662",
    username: "safeguard-join",
    roles: ["ApplianceAdmin", "OperationsAdmin"],
    passwordGrant: false,
    openAccessRequests: 2,
    backupAgeDays: 1,
    loginThrottle: false,
    newestApiVersion: 4,
    ...options,
    certificate: {
      dnsNames: options.certificate?.dnsNames ?? [options.hostName],
      ipAddresses: options.certificate?.ipAddresses ?? [options.address],
      intermediates: options.certificate?.intermediates ?? 0,
    },
    variants: {
      unfinishedJoin: "listed",
      splitRowTrusted: false,
      rejoinKeepsRow: true,
      replicaRefusesDelete: true,
      deleteUnknownStatus: 404,
      hostNameForLaunchSettable: true,
      joinNeedsOperationsAdmin: true,
      certificateEncoding: "pem",
      auditorsSeeAllRequests: true,
      ...options.variants,
    },
  };
}
