import type { Chain, Desired } from "./desired";
import type { NextHop } from "./next-hops";
import { TRACKING_FUNCTIONS } from "./traffic-script";

/** The ways to SPS that a change gives up, as far as their packets are marked. */
export function leavingHops(desired: Desired, owned: Desired): NextHop[] {
  return owned.hops.filter((hop) => hop.isMarked && !desired.hops.some((other) => isSameWay(hop, other)));
}

/**
 * What is wanted while sessions end: what shall be there afterwards, and of the redirections that go, only what sends
 * the packets of marked connections to SPS. Nothing marks new ones, nothing of them comes back with a restart, and no
 * watchdog watches.
 */
export function drainingState(desired: Desired, owned: Desired, leaving: readonly NextHop[]): Desired {
  const unwatched = ({ watch: _, ...hop }: NextHop): NextHop => hop;
  const chains = owned.chains.filter(
    (chain) =>
      leaving.some((hop) => isSameWay(hop, chain.hop)) && !desired.chains.some(({ name }) => name === chain.name),
  );
  const kept = chains.map(
    (chain): Chain => ({
      ...chain,
      hop: unwatched(chain.hop),
      rules: chain.rules.filter(({ target }) => target.kind === "mark-packet"),
    }),
  );
  return {
    backend: desired.chains.length > 0 ? desired.backend : owned.backend,
    hops: [...desired.hops, ...leaving.map(unwatched)].sort((left, right) => left.mark - right.mark),
    chains: [...desired.chains, ...kept].sort((left, right) => (left.name < right.name ? -1 : 1)),
    isPersistent: desired.isPersistent,
  };
}

const MARK = "@@sessions";

/** Shell text that counts the established connections of each mark. It changes nothing. */
export function countingText(marks: readonly number[]): string {
  return `${TRACKING_FUNCTIONS}
for sps_mark in ${marks.join(" ")}; do
  printf '\\n${MARK} %s %s\\n' "$sps_mark" "$(sps_tracked -m "$sps_mark/255" | awk -v marked="$sps_mark" "$sps_parts"'
mark == marked && / ESTABLISHED / { count++ }
END { print untold ? "untold" : count + 0 }')"
done`;
}

/** The counts by mark, from that output; undefined where the router does not tell which connections it tracks. */
export function parseCounts(stdout: string): Map<number, number> | undefined {
  const lines = [...stdout.matchAll(new RegExp(`^${MARK} (\\d+) (\\w+)$`, "gm"))];
  if (lines.length === 0 || lines.some(([, , count]) => count === "untold")) return undefined;
  return new Map(lines.map(([, mark, count]) => [Number(mark), Number(count)]));
}

function isSameWay(left: NextHop, right: NextHop): boolean {
  return left.mark === right.mark && left.table === right.table;
}
