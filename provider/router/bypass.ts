import { z } from "zod";
import { oneOf, wholeNumber } from "../core/fields";
import type { Known } from "../core/unknown";

/** Whether the router may forward traffic unaudited while SPS does not answer. */
export const bypassField = oneOf(
  ["never", "when-sps-silent"],
  "What the router does while SPS does not answer. never: keeps the redirections. when-sps-silent: a watchdog on the router lets their traffic pass directly, and NOT recorded, until SPS answers; an output and a warning report it. Anyone who can block SPS can then disable auditing.",
);

/** How the watchdog detects that SPS does not answer. */
export const watchdogSchema = z.strictObject({
  intervalSeconds: wholeNumber(1, 3600, "Time between two probes of SPS, in seconds.").default(5),
  missedProbes: wholeNumber(
    1,
    100,
    "Number of consecutive probes without an answer before SPS is bypassed, and with an answer before traffic is redirected again.",
  ).default(3),
  port: wholeNumber(
    1,
    65535,
    "TCP port of SPS that is probed. Default: ARP is probed; a Cisco router sends a ping.",
  ).optional(),
});

/** The bypass setting after check. */
export type Bypass = "never" | "when-sps-silent";

/** The watchdog settings without unknown parts. */
export type WatchdogOptions = Known<z.output<typeof watchdogSchema>>;
