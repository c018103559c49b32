import { statusAnswer } from "./answers";
import type { SppClient } from "./client";

/** SPP's own clock, in milliseconds since 1970; this machine's where SPP does not tell it (§5). One round trip. */
export async function readNow(client: SppClient): Promise<number> {
  const { CurrentTime } = await client.get("notification", "Status", statusAnswer);
  const now = Date.parse(CurrentTime ?? "");
  return Number.isNaN(now) ? Date.now() : now;
}
