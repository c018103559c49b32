import { statusAnswer } from "./answers";
import type { SppClient } from "./client";

/** SPP's own clock, in milliseconds since 1970; this machine's where SPP does not tell it (§5). One round trip. */
export async function readNow(client: SppClient): Promise<number> {
  const { CurrentTime } = await client.get("notification", "Status", statusAnswer);
  return timeOf(CurrentTime);
}

/** A time that SPP tells, in milliseconds since 1970; this machine's where it tells none. */
export function timeOf(text: string | null | undefined): number {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? Date.now() : time;
}
