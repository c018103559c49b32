import { z } from "zod";
import { oneOf, wholeNumber } from "../core/fields";
import type { Known } from "../core/unknown";

/** What happens to sessions through an SPS when its last redirection is removed. */
export const removalSchema = z.strictObject({
  connections: oneOf(
    ["cut", "drain"],
    "Sessions through SPS when the last redirection to it is removed: cut resets them; drain lets new connections pass directly, waits for the end of the existing sessions, and only then removes the rest. Default cut.",
  ).default("cut"),
  drainSeconds: wholeNumber(
    1,
    86400,
    "How long to wait for sessions to end, in seconds; the rest is cut then. Default 300.",
  ).default(300),
});

/** The setting after check, without unknown parts. */
export type RemovalOptions = Known<z.output<typeof removalSchema>>;
