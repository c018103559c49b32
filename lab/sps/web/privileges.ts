import type { JsonObject } from "../state/json";
import type { Method } from "./resource";

/** Parts of the API that a user group may be allowed or not. */
export type PrivilegeArea =
  | "clusterManagement"
  | "localServices"
  | "management"
  | "network"
  | "policies"
  | "protocols"
  | "troubleshooting";

export type Privileges = Partial<Record<PrivilegeArea, "none" | "read" | "write">>;

const AREAS: Record<PrivilegeArea, string[]> = {
  clusterManagement: ["/api/cluster"],
  localServices: ["/api/configuration/local_services"],
  management: ["/api/configuration/management"],
  network: ["/api/configuration/network"],
  policies: ["/api/configuration/policies", "/api/configuration/plugins"],
  protocols: ["http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"].map((name) => `/api/configuration/${name}`),
  troubleshooting: ["/api/configuration/troubleshooting", "/api/troubleshooting", "/api/tools", "/api/health_status"],
};

/** Tells whether an account with these privileges may do this; what is not mentioned is allowed. */
export function isAllowed(privileges: Privileges, path: string, method: string): boolean {
  const area = (Object.keys(AREAS) as PrivilegeArea[]).find((name) =>
    AREAS[name].some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
  );
  const level = area ? (privileges[area] ?? "write") : "write";
  return level === "write" || (level === "read" && method === "GET");
}

/** The `endpoints` of the user information: what the account may reach, and with which methods. */
export function endpointsOf(privileges: Privileges): JsonObject[] {
  const methods: Method[] = ["DELETE", "GET", "POST", "PUT"];
  const urls = [...Object.values(AREAS).flat(), "/api/transaction"].sort();
  return urls
    .map((url) => ({ url, methods: methods.filter((method) => isAllowed(privileges, url, method)) }))
    .filter((endpoint) => endpoint.methods.length > 0);
}
