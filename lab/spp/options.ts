import type { ApplianceOptions } from "../common/appliance-options";

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

/** An administrative role of SPP. */
export type AdminRole = (typeof ADMIN_ROLES)[number];

/** Behaviour that the vendor does not document, one switch for each open question. */
export interface SppVariants {
  /**
   * How an unfinished join appears: as a row with a thumbprint ("listed"), as a disconnected row without a thumbprint, or
   * not at all until it is trusted ("hidden"). Default "listed".
   */
  unfinishedJoin: "listed" | "disconnected" | "hidden";
  /** Value of `Trusted` in a split row. Default false. */
  splitRowTrusted: boolean;
  /** Whether a join after a split reuses the row with its `Id` and `Description`. Default true. */
  rejoinKeepsRow: boolean;
  /** Whether a replica refuses to delete a session module, with 60418. Default true. */
  replicaRefusesDelete: boolean;
  /** Status of the DELETE of a session module that does not exist. Default 404. */
  deleteUnknownStatus: 400 | 404;
  /** Whether PUT changes `UseHostNameForLaunch`, on which the vendor's documents disagree. Default true. */
  hostNameForLaunchSettable: boolean;
  /** Whether a join requires OperationsAdmin besides ApplianceAdmin, as the join guide says. Default true. */
  joinNeedsOperationsAdmin: boolean;
  /** Format of returned certificates: PEM, as the clients expect, with the line breaks of Unix or Windows, or base64 without a header. Default "pem". */
  certificateEncoding: "pem" | "pem-crlf" | "base64";
  /** Whether a login may return a token without the setting for the implicit grant, or needs it. Default "allowed". */
  implicitGrant: "allowed" | "by-setting";
  /** Format of the refusal while the device code grant is off. Default "html". */
  deviceGrantRefusal: "html" | "json";
  /** Seconds between polls of a device login below which the answer is `slow_down`. Default 0: never. */
  devicePollSeconds: number;
  /** Whether PolicyAdmin and Auditor see the access requests of all users. Default true. */
  auditorsSeeAllRequests: boolean;
}

/** Options of a simulated SPP appliance. */
export interface SppOptions extends ApplianceOptions {
  /** Version of four numbers. Default "8.0.0.21662". */
  version?: string;
  /** Default "safeguard-join". */
  username?: string;
  /** Roles of the account. Default ApplianceAdmin and OperationsAdmin. */
  roles?: AdminRole[];
  /** Whether the resource owner password grant is on. Default false, as on a new 8.x appliance. */
  passwordGrant?: boolean;
  /** Contents of the TLS certificate. Default: the host name and the address, issued by the root. */
  certificate?: { dnsNames?: string[]; ipAddresses?: string[]; intermediates?: number };
  /** Number of open access requests at start. Default 2. */
  openAccessRequests?: number;
  /** Age of the newest backup; Infinity for no backup. Default 1. */
  backupAgeDays?: number;
  /** Whether the login controller limits the logins of a user. Default false. */
  loginThrottle?: boolean;
  /** Name of an Active Directory that has a user of the same name, password and roles. Default "": none. */
  directory?: string;
  /** Newest API version of the appliance. Default 4. */
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
    directory: "",
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
      implicitGrant: "allowed",
      deviceGrantRefusal: "html",
      devicePollSeconds: 0,
      auditorsSeeAllRequests: true,
      ...options.variants,
    },
  };
}
