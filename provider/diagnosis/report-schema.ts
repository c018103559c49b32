import { z } from "zod";
import type { ErrorCode } from "../core/errors";
import { LEVELS } from "./graph/finding";
import { topologySchema } from "./topology/schema";

const check = z.object({
  id: z.string().describe("Id of the check; never changes. Checks of a router end with its name."),
  title: z.string().describe("What is true when the check passes."),
  level: z.enum(LEVELS).describe("The level of the site that it belongs to."),
  object: z.string().describe("The appliance or router, such as `sps 10.0.0.1`."),
  status: z.enum(["pass", "warn", "fail", "not checked"]).describe("The result."),
  text: z.string().describe("What was found, or why nothing was checked."),
  unsupported: z
    .literal(true)
    .optional()
    .describe("True for a check that the platform of the router gives no way to make; absent for any other."),
  remedy: z.string().optional().describe("What to do; absent where nothing is to be done."),
  code: (z.string() as unknown as z.ZodType<ErrorCode>).optional().describe("Error code, such as `SG1010`."),
  page: z.string().describe("The page of the code in this package; without a code, that of the check."),
  command: z
    .string()
    .optional()
    .describe(
      "What to type after the remedy, or to find out more; those of Pulumi in the folder of the program. Absent for checks that pass or that another one explains.",
    ),
  because: z
    .string()
    .optional()
    .describe("Id of the failed check that explains this one; absent when it stands for itself."),
});

const cause = z.object({
  check: z.string().describe("Id of the check."),
  explains: z.array(z.string()).describe("Ids of the checks that fail, or are not possible, because of it."),
});

const site = z.object({
  site: z.string().describe("Name of the site."),
  status: z
    .enum(["fine", "warnings", "failed"])
    .describe("`failed` when a check failed, `warnings` when only warnings were found."),
  causes: z.array(cause).describe("What to act on: failures, then warnings, the first cause first."),
  checks: z.array(check).describe("All checks, level by level."),
  topology: topologySchema.describe("What there is of the site, as `topology` shows it."),
  milliseconds: z.number().describe("Duration of the diagnosis of this site, in milliseconds."),
});

const shared = z.object({
  check: z.string().describe("Id of the check."),
  text: z.string().describe("What was found."),
  sites: z.array(z.string()).describe("Names of the sites."),
});

/** The result of a diagnosis. Holds no secret. */
export const diagnosisReport = z.object({
  sites: z.array(site).describe("The sites in the order given."),
  shared: z.array(shared).describe("Causes that several sites have in common."),
  leftOut: z
    .array(z.string())
    .optional()
    .describe("With `doctor --stack`: routers of the stack that were not examined, and why."),
  unfinished: z
    .array(z.string())
    .optional()
    .describe("With `doctor --stack`: resources of the stack whose last update failed halfway or was interrupted."),
});

export type SiteCheckReport = z.output<typeof check>;
export type SiteReport = z.output<typeof site>;
export type DiagnosisReport = z.output<typeof diagnosisReport>;
