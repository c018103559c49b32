import type { PreflightReport } from "../../provider/join/preflight/report";
import type { PreflightOptions } from "../../provider/join/preflight/run";

export { type CheckReport, lines as preflightLines, type PreflightReport } from "../../provider/join/preflight/report";
export type { PreflightOptions } from "../../provider/join/preflight/run";

/**
 * Checks whether an SPS cluster can be joined to SPP. Changes nothing; what cannot be read is reported as not checked.
 * @throws TypeError when the options are not valid, naming each property; the signal's reason when it aborts
 */
export async function preflight(
  options: PreflightOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<PreflightReport> {
  // Programs that only declare resources load none of it.
  const { runPreflight } =
    require("../../provider/join/preflight/run") as typeof import("../../provider/join/preflight/run");
  return runPreflight(options, signal);
}
