import { z } from "zod";
import { oneOf, wholeNumber } from "../core/fields";
import type { Known } from "../core/unknown";

/** Whether the router may forward traffic unaudited while SPS does not answer. */
export const bypassField = oneOf(
  ["never", "when-sps-silent"],
  "What the router does while SPS does not answer: never keeps the redirections in force; when-sps-silent runs a watchdog on the router that lets their traffic pass directly and unaudited until SPS answers again, reported in an output and as a warning. Anyone who can block SPS can then disable auditing. Default never.",
);

/** How the watchdog detects that SPS does not answer. */
export const watchdogSchema = z.strictObject({
  intervalSeconds: wholeNumber(1, 3600, "Time between two probes of SPS, in seconds. Default 5.").default(5),
  missedProbes: wholeNumber(
    1,
    100,
    "Probes in a row that SPS has to miss before its traffic passes directly, and to answer before it is redirected again. Default 3.",
  ).default(3),
  port: wholeNumber(
    1,
    65535,
    "TCP port of spsAddress that has to accept connections. Default: SPS has to answer ARP.",
  ).optional(),
});

/** The bypass setting after check. */
export type Bypass = "never" | "when-sps-silent";

/** The watchdog settings without unknown parts. */
export type WatchdogOptions = Known<z.output<typeof watchdogSchema>>;
