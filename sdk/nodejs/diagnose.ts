import type { z } from "zod";
import { operationContext } from "../../provider/core/context";
import type { Known } from "../../provider/core/unknown";
import { validate } from "../../provider/core/validate";
import { diagnose as runDiagnosis } from "../../provider/diagnosis/diagnose";
import { diagnoseFunction } from "../../provider/diagnosis/function";
import type { DiagnosisReport, SiteReport } from "../../provider/diagnosis/report-schema";
import { siteProblems } from "../../provider/diagnosis/site/problems";

export type { DiagnosisReport, SiteReport } from "../../provider/diagnosis/report-schema";
export { diagnosisLines, type TextDetail } from "../../provider/diagnosis/text";

/** Options of `diagnose`: the sites, and time limits. */
export type DiagnoseOptions = z.input<typeof diagnoseFunction.inputs>;

/**
 * Examines sites without changing anything. What cannot be read is reported, never thrown.
 * @param onSite called as soon as a site is examined
 * @throws TypeError when the options are not valid, naming each property; the signal's reason when it aborts
 */
export async function diagnose(
  options: DiagnoseOptions,
  { signal, onSite }: { signal?: AbortSignal | undefined; onSite?: (report: SiteReport) => void } = {},
): Promise<DiagnosisReport> {
  const validated = validate(diagnoseFunction.inputs, options);
  if (!validated.ok) throw new TypeError(validated.failures.map(({ reason }) => reason).join(" "));
  // Nothing here comes from an engine, so nothing is unknown.
  const { sites, ...limits } = validated.value as Known<z.output<typeof diagnoseFunction.inputs>>;
  const problems = siteProblems(sites);
  if (problems.length > 0) throw new TypeError(problems.join(" "));
  return runDiagnosis(sites, limits, operationContext({ ...(signal && { signal }) }), onSite);
}
