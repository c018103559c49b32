import { type DiagnoseOptions, diagnose, type SiteReport } from "../../sdk/nodejs/diagnose";
import type { SiteOptions } from "./lab-site";

/** Examines one site; packet counters are read once unless asked for. */
export async function examine(
  site: SiteOptions,
  limits: Partial<Omit<DiagnoseOptions, "sites">> = {},
): Promise<SiteReport> {
  const { sites } = await diagnose({ sites: [site], trafficSeconds: 0, ...limits });
  const [report] = sites;
  if (!report) throw new Error("the diagnosis has no report");
  return report;
}
