import { z } from "zod";

const checkReport = z.object({
  id: z.string().describe("Id of the check; never changes."),
  title: z.string().describe("What is checked."),
  status: z.enum(["pass", "warn", "fail", "not checked"]).describe("The result."),
  text: z.string().describe("What was found, or why nothing was checked."),
  remedy: z.string().optional().describe("What to do; absent where nothing is to be done."),
  path: z.string().optional().describe("The input that is concerned, such as `spp.address`."),
  code: z.string().optional().describe("Error code of the failure, such as `SG1010`; see docs/errors."),
  source: z.string().describe("The vendor's document that requires it."),
});

/** The result of a preflight. Holds no secret. */
export const preflightReport = z.object({
  ok: z.boolean().describe("True when no check failed."),
  checks: z.array(checkReport).describe("The checks in their fixed order."),
  consequences: z
    .object({
      isRejoinDue: z.boolean().describe("True when the existing join would be removed and re-created."),
      openRequests: z.int().describe("Number of open access requests on SPP, which a join closes."),
      overwrites: z.array(z.string()).describe("Names of the objects on SPS that a join overwrites."),
      unread: z.array(z.string()).describe("What could not be read, so that further consequences are unknown."),
    })
    .describe("Consequences of the join for others, as far as they are known."),
  roundTrips: z
    .object({ sps: z.int().describe("To SPS."), spp: z.int().describe("To SPP.") })
    .describe("Longest chain of requests that depend on each other."),
  milliseconds: z.int().describe("Duration of the preflight, in milliseconds."),
});

/** The result of one check. */
export type CheckReport = z.output<typeof checkReport>;
export type PreflightReport = z.output<typeof preflightReport>;
