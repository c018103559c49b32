import { z } from "zod";
import { applianceConnection } from "../../provider/core/connection";
import { operationContext } from "../../provider/core/context";
import { flag, listOf, oneOf, someText, wholeNumber } from "../../provider/core/fields";
import type { Known } from "../../provider/core/unknown";
import { validate } from "../../provider/core/validate";
import { preflight as runPreflight } from "../../provider/join/preflight/preflight";
import type { PreflightReport } from "../../provider/join/preflight/report";

export { type CheckReport, lines as preflightLines, type PreflightReport } from "../../provider/join/preflight/report";

const schema = z.strictObject({
  sps: applianceConnection.describe("The Central Management node of the SPS cluster."),
  spp: applianceConnection.describe("The primary of the SPP cluster."),
  clusterId: someText("Node id the Central Management node must have. Default: any.").optional(),
  overwrites: listOf(
    someText("Name of an object."),
    "Names of safeguard_default objects on SPS that may be overwritten. Default: none.",
    0,
  ).optional(),
  backups: z
    .strictObject({
      sps: oneOf(
        ["require", "skip", "report"],
        "What the lack of a system backup policy on SPS is. Default report.",
      ).optional(),
      spp: oneOf(
        ["require", "skip", "report"],
        "What the lack of a recent backup of SPP is. Default report.",
      ).optional(),
    })
    .optional()
    .describe("require: a failure; report: a warning; skip: nothing."),
  limitSeconds: wholeNumber(1, 600, "Bound of all the reading together, in seconds. Default 15.").default(15),
  diagnostics: flag(
    "True lets SPP try port 8649 of SPS with its network diagnostics, which leaves a trace in SPP's audit log. Default false.",
  ).default(false),
});

/** What shall be proved before a join: the two connections as in SppJoin, with plain or referenced credentials. */
export type PreflightOptions = z.input<typeof schema>;

/**
 * Proves that an SPS cluster can be joined to SPP, or tells why not. Reads only; nothing is changed on either side.
 * What could not be read is reported as not checked.
 * @throws TypeError when the options are not valid, naming each property; the signal's reason when it aborts
 */
export async function preflight(
  options: PreflightOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<PreflightReport> {
  const validated = validate(schema, options);
  if (!validated.ok) throw new TypeError(validated.failures.map(({ reason }) => reason).join(" "));
  // Nothing here comes from an engine, so nothing is unknown.
  const { sps, spp, ...others } = validated.value as Known<z.output<typeof schema>>;
  const order = {
    ...others,
    sps: { address: sps.address, connection: sps },
    spp: { address: spp.address, connection: spp },
  };
  return runPreflight(order, operationContext({ signal }));
}
