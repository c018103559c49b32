import type { JsonObject } from "../state/json";
import type { Method } from "./resource";

/** An area of the API with its own privilege. */
export type PrivilegeArea =
  | "clusterManagement"
  | "localServices"
  | "management"
  | "network"
  | "policies"
  | "protocols"
  | "search"
  | "troubleshooting";

/** Privileges by area. Default of an area: `write`. */
export type Privileges = Partial<Record<PrivilegeArea, "none" | "read" | "write">>;

const AREAS: Record<PrivilegeArea, string[]> = {
  clusterManagement: ["/api/cluster"],
  localServices: ["/api/configuration/local_services"],
  management: ["/api/configuration/management", "/api/firmware"],
  network: ["/api/configuration/network"],
  policies: ["/api/configuration/policies", "/api/configuration/plugins"],
  protocols: ["http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"].map((name) => `/api/configuration/${name}`),
  search: ["/api/audit"],
  troubleshooting: ["/api/configuration/troubleshooting", "/api/troubleshooting", "/api/tools", "/api/health_status"],
};

/** Whether an account with these privileges may send this request. */
export function isAllowed(privileges: Privileges, path: string, method: string): boolean {
  const area = (Object.keys(AREAS) as PrivilegeArea[]).find((name) =>
    AREAS[name].some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
  );
  const level = area ? (privileges[area] ?? "write") : "write";
  return level === "write" || (level === "read" && method === "GET");
}

/** The `endpoints` of the user information: paths with the allowed methods. */
export function endpointsOf(privileges: Privileges): JsonObject[] {
  const methods: Method[] = ["DELETE", "GET", "POST", "PUT"];
  const urls = [...Object.values(AREAS).flat(), "/api/transaction"].sort();
  return urls
    .map((url) => ({ url, methods: methods.filter((method) => isAllowed(privileges, url, method)) }))
    .filter((endpoint) => endpoint.methods.length > 0);
}
