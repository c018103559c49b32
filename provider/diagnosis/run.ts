import type { z } from "zod";
import { operationContext } from "../core/context";
import { checkedOptions } from "../core/function-options";
import { diagnose } from "./diagnose";
import { diagnoseFunction } from "./function";
import type { DiagnosisReport, SiteReport } from "./report-schema";
import { siteProblems } from "./site/problems";

/** Options of `diagnose`: the sites, and time limits. */
export type DiagnoseOptions = z.input<typeof diagnoseFunction.inputs>;

/** The work of `diagnose`, which is loaded on its first call. Throws as `diagnose`. */
export async function runDiagnosis(
  options: DiagnoseOptions,
  signal: AbortSignal | undefined,
  onSite: ((report: SiteReport) => void) | undefined,
): Promise<DiagnosisReport> {
  const { sites, ...limits } = checkedOptions(diagnoseFunction.inputs, options);
  const problems = siteProblems(sites);
  if (problems.length > 0) throw new TypeError(problems.join(" "));
  return diagnose(sites, limits, operationContext({ ...(signal && { signal }) }), onSite);
}
