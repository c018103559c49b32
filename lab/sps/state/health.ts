import type { JsonObject } from "./json";

/** The health of an idle appliance as `GET /api/health_status` shows it. */
export function healthStatus(protocols: string[]): JsonObject {
  return {
    ...load(),
    cpu: 3.0,
    sessions: Object.fromEntries(protocols.map((protocol) => [protocol, 0])),
    sessions_total: 0,
    firmware: {
      integrity: { boot: "OK", core: "OK" },
      tainted_files: { boot: 0, core: 0, ha_other: 0 },
    },
    raid: { status: { status: "OK", detailed_status: "OK", operation_progress: 0 }, disks: {} },
    indexer: { indexer_status: [], processing_tasks: [], remaining_tasks: [], worker_warnings: [] },
    pipeline_queues: { session_events: 0, indexer_events: 0 },
  };
}

/** The shorter form that members report to the Central Management node. */
export function nodeHealth(protocols: string[]): JsonObject {
  return {
    ...load(),
    sessions: Object.fromEntries(protocols.map((protocol) => [protocol, 0])),
    total_sessions: 0,
  };
}

function load(): JsonObject {
  return { memory: 41.2, disk: 3.4, swap: 0, load1: 0.2, load5: 0.3, load15: 0.2 };
}
