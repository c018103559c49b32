import type { JsonObject } from "./json";

/** Sessions of an appliance by protocol; a protocol that is missing has none. */
export type SessionCounts = Record<string, number>;

/** The health of an appliance as `GET /api/health_status` shows it. */
export function healthStatus(protocols: string[], sessions: SessionCounts): JsonObject {
  return {
    ...load(),
    cpu: 3.0,
    sessions: countsOf(protocols, sessions),
    sessions_total: totalOf(sessions),
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
export function nodeHealth(protocols: string[], sessions: SessionCounts): JsonObject {
  return { ...load(), sessions: countsOf(protocols, sessions), total_sessions: totalOf(sessions) };
}

const countsOf = (protocols: string[], sessions: SessionCounts) =>
  Object.fromEntries(protocols.map((protocol) => [protocol, sessions[protocol] ?? 0]));

const totalOf = (sessions: SessionCounts) => Object.values(sessions).reduce((sum, count) => sum + count, 0);

function load(): JsonObject {
  return { memory: 41.2, disk: 3.4, swap: 0, load1: 0.2, load5: 0.3, load15: 0.2 };
}
