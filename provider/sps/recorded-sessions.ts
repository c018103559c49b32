import { z } from "zod";
import type { SpsClient } from "./client";

const listAnswer = z.object({ meta: z.looseObject({ match_count: z.number().int().nonnegative() }) });

/**
 * How many sessions the node has recorded so far, open and closed ones. From the vendor's REST API guide, "Audited sessions", 6.0 to 7.3;
 * the account needs the right to search. Searches are said to have a limit of matches, which the guide does not name.
 * @throws SpsRefusal
 */
export async function countRecordedSessions(client: SpsClient): Promise<number> {
  return (await client.get("/api/audit/sessions?limit=1", listAnswer)).meta.match_count;
}
