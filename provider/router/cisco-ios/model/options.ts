import { z } from "zod";
import { flag, unknownOr, wholeNumber } from "../../../core/fields";
import type { Known } from "../../../core/unknown";

const SEQUENCE = { first: 1, last: 65_535 };

/** The sequences of a route-map of others that are reserved for redirections. */
const extendSchema = z.strictObject({
  firstSequence: wholeNumber(SEQUENCE.first, SEQUENCE.last, "First sequence number of the reserved range."),
  lastSequence: wholeNumber(SEQUENCE.first, SEQUENCE.last, "Last sequence number of the reserved range."),
});

/** Settings that only a Cisco router has. */
export const ciscoIosOptionsSchema = z.strictObject({
  reloadFallback: flag(
    "True allows `reload in` as protection where the configuration archive is off: changes that are not confirmed in time restart the router, which loads its startup configuration. False: only this program rolls changes back there, while it reaches the router.",
  ).default(false),
  extend: unknownOr(
    extendSchema,
    "Adds the redirections to the route-map that an interface has already, in this range of sequences; other sequences are never changed. Sequences before the range come first, and may take packets of the redirections. Default: an interface with a route-map of others is refused.",
  ).optional(),
  trackSps: flag(
    "True watches SPS with IP SLA for redirections with failMode closed: while SPS does not answer, the router drops their traffic by configuration. False: whether the router drops it while SPS is silent on a working link depends on the device. Intervals and port are those of watchdog. With bypass when-sps-silent, SPS is always watched.",
  ).default(false),
});

/** The settings without unknown parts. */
export type CiscoIosOptions = Known<z.output<typeof ciscoIosOptionsSchema>>;
