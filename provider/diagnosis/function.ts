import { z } from "zod";
import { listOf, unknownOr } from "../core/fields";
import { diagnosisReport } from "./report-schema";
import { diagnosisLimits, siteSchema } from "./site/inputs";

/** The function `diagnose`, which examines whole sites. */
export const diagnoseFunction = {
  name: "diagnose",
  description:
    "Examines sites from the appliances to the traffic, and reports the first cause of each fault and what it explains. " +
    "Changes nothing. What cannot be read is reported as not checked. Also a command: `npx pulumi-safeguard doctor`.",
  inputs: z.strictObject({
    sites: listOf(unknownOr(siteSchema, "One site."), "The sites."),
    ...diagnosisLimits,
  }),
  outputs: diagnosisReport,
};
