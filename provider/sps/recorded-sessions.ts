import { z } from "zod";
import type { SpsClient } from "./client";

/** The sessions that a node has recorded, open and closed ones. */
export interface RecordedSessions {
  /** How many match; searches are said to have a limit of matches, which the guide does not name. */
  count: number;
  /** Key of the first one of the list; undefined when there is none. The vendor's sample begins with the newest one. */
  first: string | undefined;
}

const listAnswer = z.object({
  items: z.array(z.looseObject({ key: z.string() })),
  meta: z.looseObject({ match_count: z.number().int().nonnegative() }),
});

/**
 * Reads the list of recorded sessions, without their contents. From the vendor's REST API guide, "Audited sessions", 6.0 to 7.3; the
 * account needs the right to search.
 * @throws SpsRefusal
 */
export async function readRecordedSessions(client: SpsClient): Promise<RecordedSessions> {
  const { items, meta } = await client.get("/api/audit/sessions?limit=1", listAnswer);
  return { count: meta.match_count, first: items[0]?.key };
}
