import { z } from "zod";
import type { SpsClient } from "./client";

/** What the Central Management node knows of one node of its cluster. */
export interface MemberReport {
  nodeId: string;
  /** Host name; the address where the node has not reported yet. */
  hostName: string;
  /** The appliance's own word for the state of synchronization, for example `up-to-date`; `unknown` when absent. */
  status: string;
  /** When the node last reported, in milliseconds since 1970; undefined for the Central Management node itself. */
  lastSeen: number | undefined;
  /** Whether the node told of its health with its last report; always false for the Central Management node itself. */
  isHealthKnown: boolean;
  /** How many errors the node met while it took the configuration over. */
  errors: number;
}

const statusAnswer = z.object({
  items: z.array(
    z.looseObject({
      key: z.string(),
      fqdn: z.string().nullish(),
      last_seen: z.string().nullish(),
      health_status: z.looseObject({}).nullish(),
      sync_status: z.string().nullish(),
      configuration_sync: z
        .looseObject({ issues: z.looseObject({ errors: z.array(z.unknown()).nullish() }).nullish() })
        .nullish(),
    }),
  ),
});

/** `GET /api/cluster/status` on the Central Management node (SPS REST reference §9.2). One round trip. @throws SpsRefusal */
export async function readMemberReports(client: SpsClient): Promise<MemberReport[]> {
  const { items } = await client.get("/api/cluster/status", statusAnswer);
  return items.map((item) => {
    const lastSeen = Date.parse(item.last_seen ?? "");
    return {
      nodeId: item.key,
      hostName: item.fqdn ?? item.key,
      status: item.sync_status ?? "unknown",
      lastSeen: Number.isNaN(lastSeen) ? undefined : lastSeen,
      isHealthKnown: Boolean(item.health_status),
      errors: item.configuration_sync?.issues?.errors?.length ?? 0,
    };
  });
}
