import type { z } from "zod";
import { operationContext } from "../../core/context";
import { checkedOptions } from "../../core/function-options";
import { preflightFunction } from "./function";
import { preflight } from "./preflight";
import type { PreflightReport } from "./report-schema";

/** Options of `preflight`: the two connections as in SppJoin, and what to require. */
export type PreflightOptions = z.input<typeof preflightFunction.inputs>;

/** The work of `preflight`, which is loaded on its first call. Throws as `preflight`. */
export async function runPreflight(
  options: PreflightOptions,
  signal: AbortSignal | undefined,
): Promise<PreflightReport> {
  const { sps, spp, ...others } = checkedOptions(preflightFunction.inputs, options);
  const order = {
    ...others,
    sps: { address: sps.address, connection: sps },
    spp: { address: spp.address, connection: spp },
  };
  return preflight(order, operationContext({ ...(signal && { signal }) }));
}
