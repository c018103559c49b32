import { messageOf, SafeguardError } from "../../../core/errors";

/** Why something could not be tried. */
export interface Reason {
  why: string;
}

export const isReason = (found: unknown): found is Reason =>
  typeof found === "object" && found !== null && "why" in found;

/** A reason in place of what could not be tried. A lost session, and the end of the time, end all. */
export async function orReason<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | Reason> {
  return await work().catch((error: unknown) => {
    if (signal.aborted || error instanceof SafeguardError) throw error;
    return { why: messageOf(error) };
  });
}
