import { z } from "zod";
import type { SpsClient } from "./client";
import type { LiveSessions } from "./live-sessions";

/** A node reports every 10 s; one whose last report is older than this many seconds is offline (SPS REST reference §9.2). */
const OFFLINE_AFTER_SECONDS = 60;

/** The Central Management node's report on one node of its cluster. */
export interface MemberReport {
  nodeId: string;
  /** Empty when the node has not reported yet. */
  hostName: string;
  /** The synchronization state as reported by the appliance, for example `up-to-date`; `unknown` when absent. */
  status: string;
  /** Time of the last report, ISO 8601 in UTC; undefined for the Central Management node itself. */
  lastSeen: string | undefined;
  /** Age of the last report by the Central Management node's own clock, in seconds; undefined without a report. */
  silentSeconds: number | undefined;
  /** Whether the Central Management node reports no health for the node; also true for itself. */
  isDown: boolean;
  /** The sessions of the node at its last report; absent where it does not report them. */
  sessions?: LiveSessions;
  /** Number of errors while the node applied the configuration. */
  errors: number;
}

const statusAnswer = z.object({
  items: z.array(
    z.looseObject({
      key: z.string(),
      fqdn: z.string().nullish(),
      last_seen: z.string().nullish(),
      health_status: z.looseObject({ sessions: z.record(z.string(), z.number()).nullish().catch(undefined) }).nullish(),
      sync_status: z.string().nullish(),
      configuration_sync: z
        .looseObject({ issues: z.looseObject({ errors: z.array(z.unknown()).nullish() }).nullish() })
        .nullish(),
    }),
  ),
});

/** `GET /api/cluster/status` on the Central Management node (§9.2). @throws SpsRefusal */
export async function readMemberReports(client: SpsClient): Promise<MemberReport[]> {
  const { items } = await client.get("/api/cluster/status", statusAnswer);
  const now = client.now();
  return items.map((item) => {
    const seen = Date.parse(item.last_seen ?? "");
    return {
      nodeId: item.key,
      hostName: item.fqdn ?? "",
      status: item.sync_status ?? "unknown",
      lastSeen: item.last_seen ?? undefined,
      silentSeconds: Number.isNaN(seen) ? undefined : Math.max(0, Math.round((now - seen) / 1000)),
      // Null is documented for a node that is down; a missing member has no meaning.
      isDown: item.health_status === null,
      ...(item.health_status?.sessions && { sessions: item.health_status.sessions }),
      errors: item.configuration_sync?.issues?.errors?.length ?? 0,
    };
  });
}

/**
 * Why a member is not in sync, for example `is pending`; undefined when it reported the newest configuration without errors within the last
 * minute (§9.1).
 */
export function syncProblem(report: MemberReport | undefined): string | undefined {
  if (!report) return "has no status";
  const { silentSeconds, errors, status } = report;
  if (silentSeconds === undefined) return `has never reported (${status})`;
  if (!isFresh(report)) return `reported last ${silentSeconds} s ago`;
  if (report.isDown) return "is down";
  if (errors > 0) return `is ${status}, with ${errors} error${errors === 1 ? "" : "s"}`;
  return isInSync(status) ? undefined : `is ${status}`;
}

/** Whether the last report is recent enough for the node to be online. */
export function isFresh({ silentSeconds }: MemberReport): boolean {
  return silentSeconds !== undefined && silentSeconds <= OFFLINE_AFTER_SECONDS;
}

/** The spelling of "up to date" varies between documents and versions (§9.2). */
export function isInSync(status: string): boolean {
  return ["up-to-date", "uptodate"].includes(status.toLowerCase().replace(/[\s_]+/g, "-"));
}
