import { z } from "zod";
import type { ErrorCode } from "../../core/errors";

const certificate = z.object({
  port: z.int().describe("TCP port."),
  sha256: z.string().describe("SHA-256 fingerprint, 64 lower-case hexadecimal digits."),
  subject: z.string().describe("Distinguished name of the owner; may be empty."),
  issuer: z.string().describe("Distinguished name of the issuer; may be empty."),
  names: z.array(z.string()).describe("DNS names and IP addresses that it is for."),
  validUntil: z.iso.datetime().describe("End of validity, UTC."),
  provedBy: z
    .enum(["ca", "system", "pin"])
    .optional()
    .describe(
      "What proves it: `ca` of the connection, an authority of this system, or the pin. Absent where nothing does.",
    ),
});

const test = z.object({
  from: z.string().describe("Where the test was made, such as `this machine`."),
  to: z.string().describe("What was tested, such as `sps 10.0.0.1`."),
  what: z.string().describe("The test, such as `tcp 8649` or `certificate`."),
  status: z
    .enum(["pass", "note", "warn", "fail", "not checked"])
    .describe("The result. `note`: a help to find causes, and no fault in itself."),
  text: z.string().describe("What was found, or why nothing was tested."),
  remedy: z.string().optional().describe("What to do or type instead; absent where there is nothing."),
  certificate: certificate.optional().describe("The certificate that is seen there; only for tests of one."),
});

const cause = z.object({
  code: (z.string() as unknown as z.ZodType<ErrorCode>).describe("Error code, such as `SG2512`."),
  object: z.string().describe("The part of the site from which it shows, such as `spp 10.0.0.5`."),
  step: z.string().describe("What was tried."),
  text: z.string().describe("What was found."),
  remedy: z.string().describe("What to do."),
  page: z.string().describe("The page of the code in this package."),
});

const site = z.object({
  site: z.string().describe("Name of the site."),
  status: z
    .enum(["fine", "not known", "warnings", "failed"])
    .describe(
      "`failed` when a fault was found, `warnings` when all works for now, `not known` when not everything was tested.",
    ),
  causes: z.array(cause).describe("What to act on, the first to look at on top."),
  tests: z.array(test).describe("All tests, viewpoint by viewpoint."),
  milliseconds: z.number().describe("Duration of the tests of this site, in milliseconds."),
});

/** The network between the parts of sites, as `connect --json` prints it. Holds no secret. */
export const connectResult = z.object({ sites: z.array(site).describe("The sites in the order given.") });

export type SeenCertificateReport = z.output<typeof certificate>;
export type ConnectTest = z.output<typeof test>;
export type ConnectCause = z.output<typeof cause>;
export type ConnectReport = z.output<typeof site>;
