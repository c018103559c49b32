import { createHash } from "node:crypto";
import type { AccessPolicies } from "./access-policies";
import type { AccessRequests } from "./access-requests";
import type { Backups } from "./backups";
import type { ClusterLock } from "./cluster-lock";
import type { Handshake } from "./handshake";
import type { AdminRole, ResolvedOptions } from "./options";
import type { ServedCertificate } from "./served-certificate";
import type { SessionModules } from "./session-modules";
import type { Settings } from "./settings";
import type { TokenStore } from "./tokens";
import type { SppUser, Users } from "./users";

/** Names, addresses and version of an appliance. */
export interface Identity {
  /** Twelve hexadecimal digits, like a MAC address. */
  applianceId: string;
  name: string;
  hostName: string;
  hostDnsSuffix: string;
  address: string;
  version: { text: string; major: number; minor: number; revision: number; build: number };
  startedAt: Date;
}

/** The parts of a simulated appliance; passed to its routes. */
export interface SppContext {
  options: ResolvedOptions;
  identity: Identity;
  users: Users;
  tokens: TokenStore;
  settings: Settings;
  lock: ClusterLock;
  modules: SessionModules;
  handshake: Handshake;
  requests: AccessRequests;
  policies: AccessPolicies;
  backups: Backups;
  certificate: ServedCertificate;
  /** The two cluster-wide switches. */
  switches: { accessRequestBroker: boolean; auditLogStream: boolean };
}

/** Derives the identity of an appliance from its options. Equal host names give equal appliance ids. */
export function identityOf(options: ResolvedOptions): Identity {
  const [name = "", ...suffix] = options.hostName.split(".");
  const [major = 0, minor = 0, revision = 0, build = 0] = options.version.split(".").map(Number);
  const digits = createHash("sha1").update(options.hostName.toLowerCase()).digest("hex").slice(0, 6);
  return {
    applianceId: `00155D${digits.toUpperCase()}`,
    name: name.toUpperCase(),
    hostName: options.hostName,
    hostDnsSuffix: suffix.join("."),
    address: options.address,
    version: { text: options.version, major, minor, revision, build },
    startedAt: options.clock.now(),
  };
}

/** The current roles of a user; the fault `spp-permissions` replaces them with Auditor. */
export function rolesOf(context: SppContext, user: SppUser): AdminRole[] {
  return context.options.faults.has("spp-permissions") ? ["Auditor"] : user.roles;
}
