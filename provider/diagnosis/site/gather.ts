import type { OperationContext } from "../../core/context";
import { gatherFacts } from "../../join/preflight/facts";
import { raisedLogsOf } from "../logging/logs";
import type { SiteFacts } from "./facts";
import { gatherRouter } from "./gather-router";
import type { DiagnosisLimits, Site } from "./inputs";
import { gatherNewSessions } from "./new-sessions";
import type { SharedSpp } from "./shared-spp";

/**
 * Reads both appliances and all routers of a site in parallel. Changes nothing: apart from logins and logouts, all
 * requests to appliances are reads.
 * @param shared what the sites of one call have read of their SPPs
 * @throws the signal's reason when the user cancels
 */
export async function gatherSite(
  site: Site,
  limits: DiagnosisLimits,
  context: OperationContext,
  shared: SharedSpp,
): Promise<SiteFacts> {
  const { sps, spp, clusterId, routers } = site;
  const order = {
    sps: { address: sps.address, connection: sps },
    spp: { address: spp.address, connection: spp },
    limitSeconds: limits.limitSeconds,
    needsAddresses: true,
    needsSessions: true,
    defaults: "of a join" as const,
    ...(clusterId !== undefined && { clusterId }),
  };
  const [pair, raisedLogs, newSessions, ...read] = await Promise.all([
    gatherFacts(order, context, (read) => shared.read(spp, read)),
    raisedLogsOf(sps),
    limits.sessionSeconds > 0 ? gatherNewSessions(sps, limits, context) : undefined,
    ...routers.map((router) => gatherRouter(router, limits, context)),
  ]);
  return { pair, routers: read, raisedLogs, ...(newSessions && { newSessions }) };
}
