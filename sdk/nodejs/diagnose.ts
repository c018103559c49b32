import type { DiagnosisReport, SiteReport } from "../../provider/diagnosis/report-schema";
import type { DiagnoseOptions } from "../../provider/diagnosis/run";

export type { DiagnosisReport, SiteReport } from "../../provider/diagnosis/report-schema";
export type { DiagnoseOptions } from "../../provider/diagnosis/run";
export { diagnosisLines, type TextDetail } from "../../provider/diagnosis/text";

/**
 * Examines sites without changing anything. What cannot be read is reported, never thrown.
 * @param onSite called as soon as a site is examined
 * @throws TypeError when the options are not valid, naming each property; the signal's reason when it aborts
 */
export async function diagnose(
  options: DiagnoseOptions,
  { signal, onSite }: { signal?: AbortSignal | undefined; onSite?: (report: SiteReport) => void } = {},
): Promise<DiagnosisReport> {
  // Programs that only declare resources load none of it.
  const { runDiagnosis } = require("../../provider/diagnosis/run") as typeof import("../../provider/diagnosis/run");
  return runDiagnosis(options, signal, onSite);
}
