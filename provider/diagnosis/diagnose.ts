import { type OperationContext, operationContext } from "../core/context";
import { diagnosisOf, siteReport } from "./report";
import type { DiagnosisReport, SiteReport } from "./report-schema";
import { gatherSite } from "./site/gather";
import type { DiagnosisLimits, Site } from "./site/inputs";
import { SharedSpp } from "./site/shared-spp";

/**
 * Examines sites in parallel, without changing anything. What cannot be read is reported, never thrown, so that one dead
 * site does not hold up the others.
 * @param onSite called as soon as a site is examined
 * @throws the signal's reason when the user cancels
 */
export async function diagnose(
  sites: readonly Site[],
  limits: DiagnosisLimits,
  context: OperationContext = operationContext(),
  onSite: (report: SiteReport) => void = () => undefined,
): Promise<DiagnosisReport> {
  const shared = new SharedSpp();
  const reports = sites.map(async (site) => {
    const started = performance.now();
    const facts = await gatherSite(site, limits, context, shared);
    const report = siteReport(site.name, facts, Math.round(performance.now() - started));
    onSite(report);
    return report;
  });
  return diagnosisOf(await Promise.all(reports));
}
