import type { AccessPolicies } from "./access-policies";
import type { AccessRequests } from "./access-requests";
import type { Identity } from "./identity";
import type { ClusterLock } from "./join/cluster-lock";
import type { Handshake } from "./join/handshake";
import type { SessionModules } from "./join/session-modules";
import type { DeviceLogins } from "./login/device-logins";
import type { TokenStore } from "./login/tokens";
import type { SppUser, Users } from "./login/users";
import type { AdminRole, ResolvedOptions } from "./options";
import type { ServedCertificate } from "./served-certificate";
import type { Settings } from "./settings";
import type { Backups } from "./support/backups";
import type { ServiceDebug } from "./support/service-debug";
import type { SupportBundleCollector } from "./support/support-bundle";

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
