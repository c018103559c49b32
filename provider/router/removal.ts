import { z } from "zod";
import { oneOf, wholeNumber } from "../core/fields";
import { type Known, UNKNOWN, type Unknown } from "../core/unknown";
import type { InputFailure } from "../core/validate";

/** What becomes of sessions through an SPS when the last redirection to it is taken away. */
export const removalSchema = z.strictObject({
  connections: oneOf(
    ["cut", "drain"],
    "Sessions through SPS when the last redirection to it is taken away: cut resets them; drain lets new connections pass directly, awaits the end of the sessions that there are, and only then takes the rest away. Default cut.",
  ).default("cut"),
  drainSeconds: wholeNumber(
    1,
    86400,
    "How long sessions are awaited, in seconds; those that are left then are cut. Default 300.",
  ).default(300),
});

/** The setting after check, with nothing unknown. */
export type RemovalOptions = Known<z.output<typeof removalSchema>>;

/** What of these settings cannot be had together, as far as they are known. */
export function removalProblems(settings: {
  removal: z.output<typeof removalSchema> | Unknown;
  linux: { backend: unknown } | Unknown;
}): InputFailure[] {
  const { removal, linux } = settings;
  if (removal === UNKNOWN || linux === UNKNOWN) return [];
  if (removal.connections !== "drain" || linux.backend !== "ip-rule") return [];
  const reason =
    "removal.connections: backend ip-rule knows of no connections and cannot await their end; set it to cut, or choose another backend";
  return [{ path: "removal.connections", reason }];
}
