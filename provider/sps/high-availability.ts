import { z } from "zod";
import { type SpsClient, SpsRefusal } from "./client";

const healthAnswer = z.looseObject({ health_status: z.looseObject({}).nullish() });

/** Names under which an answer could tell of the pair; no document shows one. */
const PAIR_MEMBER = /^(ha|ha_status|ha_state|high_availability)$/i;

/** Words for an appliance that stands alone. */
const ALONE = new Set(["", "none", "off", "no", "false", "n/a", "disabled", "inactive", "standalone", "single"]);

/**
 * Whether an appliance is a high-availability pair, as far as its health tells (`GET /api/health_status`, SPS REST
 * reference §13). No document says how the REST API shows a pair, so this is tolerant both ways: a pair is what names
 * itself one, or counts files of `ha_other`, its other half; everything else is `not told`.
 */
export async function readPairing(client: SpsClient): Promise<"pair" | "not told"> {
  try {
    const { health_status: health } = await client.get("/api/health_status", healthAnswer);
    return health && tellsOfPair(health) ? "pair" : "not told";
  } catch (error) {
    // Older versions have no such answer, and an account need not be allowed to see it.
    if (error instanceof SpsRefusal && error.status !== 401) return "not told";
    throw error;
  }
}

/** Whether the words of a refusal say that the appliance is a high-availability pair. */
export function refusesPair(error: unknown): error is SpsRefusal {
  return error instanceof SpsRefusal && /high.?availability|\bHA\b/i.test(`${error.type} ${error.text.cause}`);
}

function tellsOfPair(value: object): boolean {
  return Object.entries(value).some(([name, inner]) => {
    if (name === "ha_other") return typeof inner === "number" ? inner > 0 : Boolean(inner);
    if (PAIR_MEMBER.test(name)) return isOn(inner);
    return inner !== null && typeof inner === "object" && !Array.isArray(inner) && tellsOfPair(inner);
  });
}

function isOn(value: unknown): boolean {
  if (typeof value === "string") return !ALONE.has(value.trim().toLowerCase());
  if (value === null || typeof value !== "object") return value === true;
  const { enabled, status, state } = value as Record<string, unknown>;
  return isOn(enabled ?? status ?? state);
}
