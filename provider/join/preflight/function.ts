import { z } from "zod";
import { applianceConnection, sppConnection } from "../../core/connection";
import { flag, listOf, oneOf, someText, unknownOr, wholeNumber } from "../../core/fields";
import { preflightReport } from "./report-schema";

/** The function `preflight`, which predicts whether a join will work. */
export const preflightFunction = {
  name: "preflight",
  description:
    "Checks whether an SPS cluster can be joined to SPP, and reports what prevents it. Changes nothing on either side. " +
    "What cannot be read is reported as not checked. Also a command: `npx pulumi-safeguard preflight`.",
  inputs: z.strictObject({
    sps: unknownOr(applianceConnection, "The Central Management node of the SPS cluster."),
    spp: unknownOr(sppConnection, "The primary of the SPP cluster."),
    clusterId: someText("Node id that the Central Management node must have. Default: any.").optional(),
    overwrites: listOf(
      someText("Name of an object."),
      "Names of safeguard_default objects on SPS that may be overwritten. Default: none.",
      0,
    ).optional(),
    backups: unknownOr(
      z.strictObject({
        sps: oneOf(
          ["require", "report", "skip"],
          "System backup policy of SPS. require: fails without one. report: warns without one. skip: makes no check.",
        ).default("require"),
        spp: oneOf(
          ["take", "require", "report", "skip"],
          "Backup of SPP. take: passes, because the join creates one. require: fails without one of the last seven days. report: warns without one. skip: makes no check.",
        ).default("take"),
      }),
      "Backups before the join request, with the defaults of SppJoin.",
    ).prefault({}),
    limitSeconds: wholeNumber(1, 600, "Limit of the whole preflight, in seconds.").default(15),
    diagnostics: flag(
      "True lets SPP test port 8649 of SPS with its network diagnostics, which leaves an entry in the audit log of SPP.",
    ).default(false),
  }),
  outputs: preflightReport,
} as const;
