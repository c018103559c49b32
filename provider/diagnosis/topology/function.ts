import { z } from "zod";
import { listOf, unknownOr } from "../../core/fields";
import { diagnosisLimits, siteSchema } from "../site/inputs";
import { topologySchema } from "./schema";

/** The function `getTopology`, which reads what there is of sites. */
export const getTopologyFunction = {
  name: "getTopology",
  description:
    "Reads what there is of sites: the SPS cluster, its join, other clusters of the same SPP, and the routers. " +
    "Changes nothing. What cannot be read is reported. Also a command: `npx pulumi-safeguard topology`.",
  inputs: z.strictObject({
    sites: listOf(unknownOr(siteSchema, "One site."), "The sites."),
    limitSeconds: diagnosisLimits.limitSeconds,
  }),
  outputs: z.object({ sites: z.array(topologySchema).describe("The sites in the order given.") }),
};
