import { z } from "zod";
import { flag } from "../../../core/fields";
import type { Known } from "../../../core/unknown";

/** Settings that only a Cisco router has. */
export const ciscoIosOptionsSchema = z.strictObject({
  reloadFallback: flag(
    "True allows `reload in` as protection where the configuration archive is off: changes that are not confirmed in time restart the router, which loads its startup configuration. False: only this program rolls changes back there, while it reaches the router.",
  ).default(false),
});

/** The settings without unknown parts. */
export type CiscoIosOptions = Known<z.output<typeof ciscoIosOptionsSchema>>;
