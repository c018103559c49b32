import type { Finding } from "../graph/finding";
import type { SiteFacts } from "../site/facts";
import { applianceFindings } from "./appliances";
import { clusterFindings } from "./cluster";
import { joinFindings } from "./join";
import { routerFindings } from "./router";
import { sessionFindings } from "./sessions";

/** Codes of an appliance that does not answer at all; one that answers with an error may still pass sessions on. */
const SILENT = new Set(["SG1010", "SG1016", "SG1017"]);

/** Evaluates everything that was read of a site, level by level. Pure. */
export function findingsOf(facts: SiteFacts): Finding[] {
  const { pair, routers, raisedLogs } = facts;
  const ofAppliances = applianceFindings(pair, raisedLogs);
  const reachable = ofAppliances.find(({ id }) => id === "sps-reachable")?.outcome;
  const isSpsSilent = reachable?.status === "fail" && SILENT.has(reachable.code ?? "");
  const ofRouters = routers.flatMap((router) => routerFindings(router, isSpsSilent));
  return [
    ...ofAppliances,
    ...clusterFindings(pair),
    ...joinFindings(pair),
    ...ofRouters.filter(({ level }) => level === "router"),
    ...ofRouters.filter(({ level }) => level === "traffic"),
    ...sessionFindings(facts),
  ];
}
