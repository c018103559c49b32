import { z } from "zod";
import { oneOf, wholeNumber } from "../core/fields";
import type { Known } from "../core/unknown";

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
