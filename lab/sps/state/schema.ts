import type { SpsVariant } from "../variant";
import { semanticError } from "./errors";
import type { JsonObject } from "./json";
import { ADDRESS, type Shape } from "./shapes";

/** A node of the configuration tree: a folder, a list of objects, or an object. */
export type ConfigurationNode =
  | { kind: "folder"; children: string[] }
  | { kind: "list"; shape: Shape }
  | { kind: "object"; shape: Shape };

/** Root of the configuration tree. Transactions change it and the cluster. */
export const CONFIGURATION = "/api/configuration";
export const CLUSTER_SERVICE = `${CONFIGURATION}/local_services/cluster`;
export const WEB_INTERFACE = `${CONFIGURATION}/management/webinterface`;
export const SYSTEM_BACKUP = `${CONFIGURATION}/management/system_backup`;
export const BACKUP_POLICIES = `${CONFIGURATION}/policies/backup_policies`;
export const NAMING = `${CONFIGURATION}/network/naming`;
export const NICS = `${CONFIGURATION}/network/nics`;

const POLICY_LISTS = [
  "aa_plugin_instances",
  "analytics",
  "archive_cleanup_policies",
  "audit_policies",
  "backup_policies",
  "content_policies",
  "credentialstores",
  "ldap_servers",
  "signing_cas",
  "time_policies",
  "trusted_ca_lists",
  "user_databases",
  "usermapping_policies",
];
const DEFAULT_LOG_LEVEL = 4;
const PLUGIN_TYPES = ["aa", "configuration_sync", "credentialstore", "signingca"];
const PROTOCOL_LISTS = ["connections", "channel_policies", "authentication_policies", "settings_policies"];

/** The behaviour on which the tree depends. */
type TreeOptions = Pick<SpsVariant, "mssql" | "protocolOptions">;

/** The protocols of an appliance. */
export function protocolNames(options: Pick<SpsVariant, "mssql">): string[] {
  return ["http", "ica", ...(options.mssql ? ["mssql"] : []), "rdp", "ssh", "telnet", "vnc"];
}

/** The configuration tree by path. Source: SPS REST API Reference Guide. */
export function configurationTree(options: TreeOptions): Map<string, ConfigurationNode> {
  const tree = new Map<string, ConfigurationNode>();
  const protocols = protocolNames(options);
  const folder = (path: string, children: string[]) => tree.set(path, { kind: "folder", children });
  const object = (path: string, shape: Shape) => tree.set(path, { kind: "object", shape });
  const list = (path: string, shape: Shape = namedObject()) => tree.set(path, { kind: "list", shape });

  const roots = ["local_services", "management", "network", "plugins", "policies", ...protocols, "troubleshooting"];
  folder(CONFIGURATION, roots);

  folder(`${CONFIGURATION}/local_services`, ["cluster"]);
  object(CLUSTER_SERVICE, {
    defaults: { enabled: false, listen_address: null },
    references: { listen_address: ADDRESS },
    check: checkClusterService,
  });

  folder(`${CONFIGURATION}/management`, ["email", "syslog", "system_backup", "webinterface"]);
  // The members are those of the Welcome Wizard; the vendor's page was not seen.
  object(`${CONFIGURATION}/management/email`, {
    defaults: { smtp_server: "mail.lab.example", admin_email: "admin@lab.example" },
  });
  object(`${CONFIGURATION}/management/syslog`, { defaults: { receivers: [] } });
  object(SYSTEM_BACKUP, { defaults: { backup_policy: null }, references: { backup_policy: BACKUP_POLICIES } });
  object(WEB_INTERFACE, { defaults: { timeout: 10 }, check: checkTimeout });

  folder(`${CONFIGURATION}/network`, ["naming", "nics"]);
  object(NAMING, { defaults: { hostname: "", domainname: "", nickname: null } });
  list(NICS, { fixed: true });

  folder(`${CONFIGURATION}/policies`, [...POLICY_LISTS, "indexing"].sort());
  for (const name of POLICY_LISTS) list(`${CONFIGURATION}/policies/${name}`, policyShape(name));
  object(`${CONFIGURATION}/policies/indexing`, { defaults: { enabled: false } });

  folder(`${CONFIGURATION}/plugins`, PLUGIN_TYPES);
  for (const type of PLUGIN_TYPES) list(`${CONFIGURATION}/plugins/${type}`);

  for (const protocol of protocols) {
    folder(`${CONFIGURATION}/${protocol}`, [...PROTOCOL_LISTS, "options"]);
    for (const name of PROTOCOL_LISTS) list(`${CONFIGURATION}/${protocol}/${name}`);
    object(`${CONFIGURATION}/${protocol}/options`, {
      defaults: protocolOptions(protocol, options),
      check: checkLogLevel,
    });
  }
  object(`${CONFIGURATION}/troubleshooting`, {
    defaults: { core_files: { retention_days: 14 }, debug_logging: { enabled: false } },
  });
  return tree;
}

/** Whether managed hosts receive this object from the Central Management node. */
export function isSynchronized(path: string): boolean {
  const local = [`${CONFIGURATION}/network/`, CLUSTER_SERVICE];
  return path.startsWith(`${CONFIGURATION}/`) && !local.some((prefix) => path.startsWith(prefix));
}

/** Whether a commit that changes this path ends all sessions. */
export function endsSessions(path: string): boolean {
  return !isSynchronized(path);
}

function namedObject(references: Record<string, string> = {}): Shape {
  return {
    references,
    check: (body) => {
      if (typeof body.name !== "string" || body.name === "") throw semanticError("The object needs a name.");
    },
  };
}

function policyShape(list: string): Shape {
  return namedObject(list === "aa_plugin_instances" ? { plugin: `${CONFIGURATION}/plugins/aa` } : {});
}

/** The samples: SSH of 6.0, whose service is enabled, and RDP of 7.1, whose service is disabled. */
function protocolOptions(protocol: string, options: TreeOptions): JsonObject {
  const gssapi = protocol === "ssh" ? { gssapi: { enabled: false } } : {};
  if (options.protocolOptions === "without-audit") {
    const service = { enabled: protocol === "ssh", log_level: DEFAULT_LOG_LEVEL };
    return { channel_database_cleanup: { enabled: false }, ...gssapi, service };
  }
  return {
    audit: {
      cleanup: { enabled: true, channel_database_cleanup_days: 600 },
      timestamping: { selection: "local", signing_interval: 30 },
    },
    ...gssapi,
    service: { enabled: true, log_level: DEFAULT_LOG_LEVEL },
  };
}

function checkClusterService(body: JsonObject): void {
  if (body.enabled === true && typeof body.listen_address !== "string") {
    throw semanticError("An enabled cluster interface needs a listen_address.");
  }
}

function checkTimeout(body: JsonObject): void {
  const timeout = body.timeout;
  if (!Number.isInteger(timeout) || Number(timeout) < 1) throw semanticError("The timeout is a number of minutes.");
}

function checkLogLevel(body: JsonObject): void {
  const service = body.service as JsonObject;
  const level = service.log_level;
  if (!Number.isInteger(level) || Number(level) < 1 || Number(level) > 10) {
    throw semanticError("The log_level must be from 1 to 10.");
  }
}
