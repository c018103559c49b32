import { operationContext } from "../../provider/core/context";
import { testConnections } from "../../provider/diagnosis/connect/connect";
import type { ConnectReport } from "../../provider/diagnosis/connect/report-schema";
import { type Site, siteSchema } from "../../provider/diagnosis/site/inputs";
import { type DiagnoseOptions, diagnose, type SiteReport } from "../../sdk/nodejs/diagnose";
import type { Order } from "./administrator";
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

/** Tests the network of one site, also by the tools of SPP. */
export function examineNetwork(site: SiteOptions): Promise<ConnectReport> {
  const options = { limitSeconds: 60, asksSpp: true };
  return testConnections(siteSchema.parse(site) as Site, options, operationContext());
}

/** What a report orders, the first cause first. */
export function ordersOf({ causes, checks }: SiteReport): Order[] {
  return causes.flatMap(({ check }) => {
    const found = checks.find(({ id }) => id === check);
    return found ? [{ object: found.object, text: found.text, remedy: found.remedy ?? "" }] : [];
  });
}
