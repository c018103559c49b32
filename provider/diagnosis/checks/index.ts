import type { Finding } from "../graph/finding";
import type { SiteFacts } from "../site/facts";
import { applianceFindings } from "./appliances";
import { clusterFindings } from "./cluster";
import { joinFindings } from "./join";
import { routerFindings } from "./router";

/** Evaluates everything that was read of a site, level by level. Pure. */
export function findingsOf({ pair, routers }: SiteFacts): Finding[] {
  const ofRouters = routers.flatMap(routerFindings);
  return [
    ...applianceFindings(pair),
    ...clusterFindings(pair),
    ...joinFindings(pair),
    ...ofRouters.filter(({ level }) => level === "router"),
    ...ofRouters.filter(({ level }) => level === "traffic"),
  ];
}
