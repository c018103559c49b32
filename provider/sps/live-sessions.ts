import { z } from "zod";
import type { SpsClient } from "./client";

/** How many sessions a node relays at this moment, by protocol. */
export type LiveSessions = Record<string, number>;

const healthAnswer = z.object({
  health_status: z.looseObject({ sessions: z.record(z.string(), z.number().int().nonnegative()) }),
});

/** The sessions of this node alone (`GET /api/health_status`, SPS REST reference §13). @throws SpsRefusal */
export async function readLiveSessions(client: SpsClient): Promise<LiveSessions> {
  return (await client.get("/api/health_status", healthAnswer)).health_status.sessions;
}

/** The sessions in words, such as `3 sessions (rdp 1, ssh 2)`; undefined when there is none. */
export function sessionsText(sessions: LiveSessions): string | undefined {
  const some = Object.entries(sessions).filter(([, count]) => count > 0);
  const total = some.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  const each = some.map(([protocol, count]) => `${protocol} ${count}`).sort();
  return `${total} ${total === 1 ? "session" : "sessions"} (${each.join(", ")})`;
}
