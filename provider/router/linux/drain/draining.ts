import { type Chain, type Desired, restoringRule } from "../model/desired";
import type { NextHop } from "../model/next-hops";
import { isSameRoute, routesOf } from "../model/routing";
import { usersOf } from "../neighbours/others";
import type { PlanContext } from "../plan/decision";
import { TRACKING_FUNCTIONS } from "../proof/traffic-script";

/** The next hops that a change removes. */
export interface RemovedHops {
  /** Next hops whose sessions can continue until they end. */
  hops: NextHop[];
  /** Why the sessions of the other next hops cannot be awaited, one sentence each. */
  reasons: string[];
}

/** Finds the next hops that a change removes. A next hop that redirections of other resources use is not removed. */
export function removedHops({ desired, owned, others, found }: PlanContext): RemovedHops {
  const leaving: RemovedHops = { hops: [], reasons: [] };
  for (const hop of owned.hops) {
    // The mark leads them to the same SPS, whatever the table.
    const isKept = desired.hops.some((other) => other.mark === hop.mark && other.gateway === hop.gateway);
    if (!hop.isMarked || isKept || usersOf(others, hop).length > 0) continue;
    const [toSps] = routesOf(hop);
    const there = found.routes.get(hop.table) ?? [];
    const successor = desired.hops.find((other) => other.mark === hop.mark || other.table === hop.table);
    const sessions = `sessions through SPS ${hop.gateway} cannot be drained`;
    if (successor) {
      const reason = `SPS ${successor.gateway} gets packet mark ${hop.mark} or table ${hop.table}; give it another linux.mark to drain them`;
      leaving.reasons.push(`${sessions}: ${reason}`);
    } else if (!toSps || !there.some((route) => isSameRoute(route, toSps))) {
      leaving.reasons.push(`${sessions}: the default route to it is missing`);
    } else leaving.hops.push(hop);
  }
  return leaving;
}

/**
 * The interim state while sessions end: the wanted state, plus the rules that route marked connections to the removed
 * SPS. It has no rules that mark new connections there and no watchdog.
 */
export function withDrainingHops(desired: Desired, owned: Desired, hops: readonly NextHop[]): Desired {
  if (hops.length === 0) return desired;
  const chains = new Map(desired.chains.map((chain) => [chain.name, chain]));
  for (const { watch: _, ...hop } of hops) {
    const holder = owned.chains.find((chain) => isSameWay(chain.hop, hop)) ?? owned.chains[0];
    if (!holder) continue;
    const { name, redirection, jump } = holder;
    const there: Chain = chains.get(name) ?? { name, redirection, hop, rules: [], jump };
    chains.set(name, { ...there, rules: [...there.rules, restoringRule(redirection.name, hop)] });
  }
  return {
    ...desired,
    backend: desired.chains.length > 0 ? desired.backend : owned.backend,
    hops: [...desired.hops, ...hops.map(({ watch: _, ...hop }) => hop)].sort((left, right) => left.mark - right.mark),
    chains: [...chains.values()].sort((left, right) => (left.name < right.name ? -1 : 1)),
  };
}

const MARK = "@@sessions";

/** The connections of one mark. */
export interface MarkedConnections {
  established: number;
  /** Those whose first packets are still on their way. */
  opening: number;
}

/** Shell text that counts the connections of each mark. It changes nothing. */
export function countingText(marks: readonly number[]): string {
  return `${TRACKING_FUNCTIONS}
for sps_mark in ${marks.join(" ")}; do
  printf '\\n${MARK} %s %s\\n' "$sps_mark" "$(sps_tracked -m "$sps_mark/255" | awk -v marked="$sps_mark" "$sps_parse"'
mark == marked && / ESTABLISHED / { established++ }
mark == marked && / SYN_(SENT|RECV) / { opening++ }
END { print unlisted ? "unlisted" : established + 0 " " opening + 0 }')"
done`;
}

/** The counts by mark from that output; undefined when the router does not list its tracked connections. */
export function parseCounts(stdout: string): Map<number, MarkedConnections> | undefined {
  const lines = [...stdout.matchAll(new RegExp(`^${MARK} (\\d+) (unlisted|(\\d+) (\\d+))$`, "gm"))];
  if (lines.length === 0 || lines.some(([, , counts]) => counts === "unlisted")) return undefined;
  return new Map(
    lines.map(([, mark, , established, opening]) => [
      Number(mark),
      { established: Number(established), opening: Number(opening) },
    ]),
  );
}

function isSameWay(left: NextHop, right: NextHop): boolean {
  return left.mark === right.mark && left.table === right.table;
}
