import { z } from "zod";
import type { ErrorCode } from "../../core/errors";

const checkReport = z.object({
  id: z.string().describe("Id of the check; never changes."),
  title: z.string().describe("What is checked."),
  status: z
    .enum(["pass", "warn", "fail", "planned", "not checked"])
    .describe("The result. `planned`: the same update makes it true, and the join checks it again."),
  text: z.string().describe("What was found, or why nothing was checked."),
  remedy: z.string().optional().describe("What to do; absent where nothing is to be done."),
  path: z.string().optional().describe("The input that is concerned, such as `spp.address`."),
  code: (z.string() as unknown as z.ZodType<ErrorCode>)
    .optional()
    .describe("Error code of the failure, such as `SG1010`; see docs/errors."),
  source: z.string().describe("The vendor's document that requires it."),
});

const note = z.object({
  id: z.string().describe("Id of the note; never changes."),
  title: z.string().describe("What it is about."),
  source: z.string().describe("The vendor's document behind it."),
  text: z.string().describe("The note."),
});

/** The result of a preflight. Holds no secret. */
export const preflightReport = z.object({
  ok: z.boolean().describe("True when no check failed."),
  isComplete: z.boolean().describe("False when the time limit ended before everything was read."),
  checks: z.array(checkReport).describe("The checks in their fixed order."),
  notes: z.array(note).describe("What cannot be checked, and who could check it."),
  consequences: z
    .object({
      joinedAs: z
        .int()
        .optional()
        .describe("Id of the entry on SPP when both are joined already, so that nothing is sent; absent otherwise."),
      isRejoinDue: z.boolean().describe("True when the existing join would be removed and re-created."),
      openRequests: z.int().describe("Number of open access requests on SPP, which a join closes."),
      overwrites: z.array(z.string()).describe("Names of the objects on SPS that a join overwrites."),
      unread: z.array(z.string()).describe("What could not be read, so that further consequences are unknown."),
    })
    .describe("Consequences of the join for others, as far as they are known."),
  milliseconds: z.number().describe("Duration of the preflight, in milliseconds."),
});

/** The result of one check. */
export type CheckReport = z.output<typeof checkReport>;
export type PreflightReport = z.output<typeof preflightReport>;
