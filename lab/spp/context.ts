import type { AccessPolicies } from "./access-policies";
import type { AccessRequests } from "./access-requests";
import type { Backups } from "./backups";
import type { ClusterLock } from "./cluster-lock";
import type { DeviceLogins } from "./device-logins";
import type { Handshake } from "./handshake";
import type { Identity } from "./identity";
import type { AdminRole, ResolvedOptions } from "./options";
import type { ServedCertificate } from "./served-certificate";
import type { ServiceDebug } from "./service-debug";
import type { SessionModules } from "./session-modules";
import type { Settings } from "./settings";
import type { SupportBundleCollector } from "./support-bundle";
import type { TokenStore } from "./tokens";
import type { SppUser, Users } from "./users";

/** The parts of a simulated appliance; passed to its routes. */
export interface SppContext {
  options: ResolvedOptions;
  identity: Identity;
  users: Users;
  tokens: TokenStore;
  deviceLogins: DeviceLogins;
  settings: Settings;
  lock: ClusterLock;
  modules: SessionModules;
  handshake: Handshake;
  requests: AccessRequests;
  policies: AccessPolicies;
  backups: Backups;
  bundles: SupportBundleCollector;
  serviceDebug: ServiceDebug;
  certificate: ServedCertificate;
  /** The two cluster-wide switches. */
  switches: { accessRequestBroker: boolean; auditLogStream: boolean };
}

/** The current roles of a user; the fault `spp-permissions` replaces them with Auditor. */
export function rolesOf(context: SppContext, user: SppUser): AdminRole[] {
  return context.options.faults.has("spp-permissions") ? ["Auditor"] : user.roles;
}
