import { z } from "zod";
import { oneOf, wholeNumber } from "../core/fields";
import type { Known } from "../core/unknown";

/** What happens to sessions through an SPS when its last redirection is removed. */
export const removalSchema = z.strictObject({
  connections: oneOf(
    ["cut", "drain"],
    "Sessions through SPS when the last redirection to it is removed, or moves to another address. cut: ends them. drain: new connections pass directly, and existing sessions go on until they end.",
  ).default("cut"),
  drainSeconds: wholeNumber(
    1,
    86400,
    "Limit of the drain, in seconds. Sessions that are still open then are cut.",
  ).default(300),
});

/** The setting after check, without unknown parts. */
export type RemovalOptions = Known<z.output<typeof removalSchema>>;
