import type { ClusterNode } from "../../../sps/cluster";
import { CENTRAL_MANAGEMENT, isInSync, MANAGED_HOST, OFFLINE_AFTER_SECONDS } from "../../../sps/cluster";
import type { MemberReport } from "../../../sps/member-reports";
import { type Check, counted, fail, given, listed, notChecked, pass, spanText } from "../check";
import { valueIfRead } from "../fact";
import type { Facts } from "../facts";
import { SOURCES } from "../sources";

/** Every member takes the configuration over from the Central Management node, is in sync and reports. */
export const spsSynchronization: Check = {
  id: "sps-synchronization",
  title: "the members are synchronized",
  source: SOURCES.nodeStatus,
  isForRequest: true,
  run: (facts) =>
    given(facts.sps.cluster, ({ nodes, selfId }) => {
      if (nodes.length === 0) return notChecked("the node is in no cluster");
      const members = nodes.filter((node) => node.nodeId !== selfId && !node.roles.includes(CENTRAL_MANAGEMENT));
      if (members.length === 0) return pass("one node: nothing to synchronize");
      return given(facts.sps.reports, (reports) => {
        const problems = members.flatMap((node) => {
          const problem = problemOf(
            node,
            reports.find((report) => report.nodeId === node.nodeId),
            nowOf(facts),
          );
          return problem === undefined ? [] : [`${node.address} ${problem}`];
        });
        if (problems.length === 0) return pass(`${counted(members.length, "member")} in sync`);
        const remedy = "wait until the members have taken the configuration over (they ask every 10 s), or mend them";
        return fail("SG2204", listed(problems), remedy, "sps.address");
      });
    }),
};

function problemOf(node: ClusterNode, report: MemberReport | undefined, now: number): string | undefined {
  if (!node.roles.includes(MANAGED_HOST)) return "is not a managed host, so it does not synchronize";
  if (!report) return "has no status";
  const silentFor = report.lastSeen === undefined ? undefined : now - report.lastSeen;
  if (silentFor === undefined) return "has never reported";
  if (silentFor > OFFLINE_AFTER_SECONDS * 1000) return `reported last ${spanText(silentFor)} ago`;
  if (!report.isHealthKnown) return "is down";
  if (report.errors > 0) return `is ${report.status}, with ${counted(report.errors, "error")}`;
  return isInSync(report.status) ? undefined : `is ${report.status}`;
}

/** The node's own time, by which it noted when the members reported. */
function nowOf({ sps, gatheredAt }: Facts): number {
  return gatheredAt + (valueIfRead(sps.greeting)?.clockAheadMilliseconds ?? 0);
}
