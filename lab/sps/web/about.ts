import type { Appliance } from "../appliance";
import { nodeOf } from "../cluster/roles";
import { unauthenticated } from "../state/errors";
import { healthStatus } from "../state/health";
import type { JsonObject } from "../state/json";
import { metaOf } from "./links";
import type { ApiResponse, Call, Resource } from "./resource";

/** Identity, setup status and health. */
export function aboutResources(appliance: Appliance, protocols: string[]): Resource[] {
  const roots = [
    "audit",
    "authentication",
    "cluster",
    "configuration",
    "health_status",
    "info",
    "setup",
    "transaction",
  ];
  if (appliance.variant.newerEndpoints) roots.push("firmware", "tools", "troubleshooting");
  return [
    {
      path: "/api",
      access: "authenticated",
      methods: {
        GET: (call) => ({
          status: 200,
          body: {
            items: roots.sort().map((key) => ({ key, meta: { href: `/api/${key}` } })),
            meta: metaOf(appliance, call),
          },
        }),
      },
    },
    { path: "/api/info", access: "anonymous", methods: { GET: (call) => readInfo(appliance, call) } },
    {
      path: "/api/setup",
      access: "anonymous",
      methods: {
        GET: (call) => ({
          status: 200,
          body: {
            status: appliance.setupStatus,
            meta: { eula: "https://vendor.example/eula", remaining_seconds: 0, ...metaOf(appliance, call) },
          },
        }),
      },
    },
    {
      path: "/api/health_status",
      access: "authenticated",
      methods: {
        GET: async (call) => ({
          status: 200,
          body: {
            health_status: healthStatus(protocols, await appliance.recorded.open(appliance.liveSessions)),
            meta: metaOf(appliance, call),
          },
        }),
      },
    },
  ];
}

function readInfo(appliance: Appliance, call: Call): ApiResponse {
  const { identity, store, variant } = appliance;
  const [hostname = "", ...domain] = identity.hostName.split(".");
  const body: JsonObject = {
    hostname,
    domainname: domain.join("."),
    nickname: null,
    plugin_sdk_version: { feature: "1.9", full: "1.9.0" },
    support_link: "mailto:support@lab.example",
  };
  if (call.session) {
    body.analytics_enabled = false;
    body.build_date = "2025-03-04T10:11:12+00:00";
    body.config_hash = store.hash();
    body.firmware_version = identity.firmwareVersion;
    body.version = identity.firmwareVersion.replace(/\.0$/, "");
    body.roles = nodeOf(store, identity.nodeId)?.roles ?? [];
  } else if (call.hasStaleCookie && variant.staleCookieOnInfo === "refused") {
    throw unauthenticated(call.path);
  }
  return { status: 200, body: { key: "about_info", body, meta: metaOf(appliance, call) } };
}
