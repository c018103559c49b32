import type { z } from "zod";
import { operationContext } from "../../provider/core/context";
import type { Known } from "../../provider/core/unknown";
import { validate } from "../../provider/core/validate";
import { preflightFunction } from "../../provider/join/preflight/function";
import { preflight as runPreflight } from "../../provider/join/preflight/preflight";
import type { PreflightReport } from "../../provider/join/preflight/report";

export { type CheckReport, lines as preflightLines, type PreflightReport } from "../../provider/join/preflight/report";

/** Options of `preflight`: the two connections as in SppJoin, and what to require. */
export type PreflightOptions = z.input<typeof preflightFunction.inputs>;

/**
 * Checks whether an SPS cluster can be joined to SPP. Changes nothing; what cannot be read is reported as not checked.
 * @throws TypeError when the options are not valid, naming each property; the signal's reason when it aborts
 */
export async function preflight(
  options: PreflightOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<PreflightReport> {
  const validated = validate(preflightFunction.inputs, options);
  if (!validated.ok) throw new TypeError(validated.failures.map(({ reason }) => reason).join(" "));
  // Nothing here comes from an engine, so nothing is unknown.
  const { sps, spp, ...others } = validated.value as Known<z.output<typeof preflightFunction.inputs>>;
  const order = {
    ...others,
    sps: { address: sps.address, connection: sps },
    spp: { address: spp.address, connection: spp },
  };
  return runPreflight(order, operationContext({ signal }));
}
