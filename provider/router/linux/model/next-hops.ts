import { ifKnown, type Unknown } from "../../../core/unknown";
import type { InputFailure } from "../../../core/validate";
import type { WatchdogOptions } from "../../bypass";
import type { CheckedRedirection, Redirection } from "../../redirection";
import type { CheckedLinuxOptions, LinuxOptions } from "./options";

/** The bits of the packet mark that redirections use; all other bits are left alone. */
export const MARK_MASK = 0xff;

/** Tags our policy rules and routes, to distinguish them from foreign ones. */
export const PROTOCOL = 103;

/** Mark plus this number is the default routing table and the default priority of the policy rule. */
const FIRST_NUMBER = 10300;

/** The next hop to one SPS: a routing table with SPS as the default route. */
export interface NextHop {
  mark: number;
  table: number;
  priority: number;
  gateway: string;
  device: string;
  /** True refuses packets when the route is missing; false forwards them directly. */
  isFailClosed: boolean;
  /** True when a policy rule matches the mark; false when policy rules select the traffic themselves. */
  isMarked: boolean;
  /** How a watchdog detects that SPS does not answer and bypasses it; absent without a watchdog. */
  watch?: WatchdogOptions;
}

/** The next hop of one redirection. */
export function nextHopOf(redirection: Redirection, options: LinuxOptions, watch?: WatchdogOptions): NextHop {
  const mark = options.mark ?? Number(redirection.spsAddress.split(".").at(-1));
  return {
    mark,
    table: options.table ?? FIRST_NUMBER + mark,
    priority: options.priority ?? FIRST_NUMBER + mark,
    gateway: redirection.spsAddress,
    device: redirection.spsInterface,
    isFailClosed: redirection.failMode === "closed",
    isMarked: options.backend !== "ip-rule",
    ...(watch && { watch }),
  };
}

/** The next hops without duplicates, sorted by mark. */
export function nextHopsOf(
  redirections: readonly Redirection[],
  options: LinuxOptions,
  watch?: WatchdogOptions,
): NextHop[] {
  const hops = new Map(redirections.map((one) => [one.spsAddress, nextHopOf(one, options, watch)]));
  return [...hops.values()].sort((left, right) => left.mark - right.mark);
}

/** Redirections whose next hops conflict on one router. */
export function nextHopProblems(
  redirections: readonly (CheckedRedirection | Unknown)[],
  options: CheckedLinuxOptions,
): InputFailure[] {
  const knownOptions = ifKnown(options) as LinuxOptions | undefined;
  if (!knownOptions) return [];
  const seen: { hop: NextHop; name: string }[] = [];
  return redirections.flatMap((redirection, index) => {
    const known = ifKnown(redirection) as Redirection | undefined;
    if (!known) return [];
    const hop = nextHopOf(known, knownOptions);
    const problem = problemOf(hop, seen, knownOptions);
    seen.push({ hop, name: known.name });
    if (!problem) return [];
    const path = `redirections[${index}].${problem.property}`;
    return [{ path, reason: `${path}: ${problem.reason}` }];
  });
}

function problemOf(
  hop: NextHop,
  seen: readonly { hop: NextHop; name: string }[],
  options: LinuxOptions,
): { property: "spsAddress" | "spsInterface" | "failMode"; reason: string } | undefined {
  if (hop.mark === 0) {
    const reason = `its last number is 0, which cannot be a packet mark; set linux.mark to a free number from 1 to 255`;
    return { property: "spsAddress", reason };
  }
  const other = seen.find((entry) => isSharingNumbers(entry.hop, hop) || isSameGateway(entry.hop, hop));
  if (!other) return undefined;
  if (!isSameGateway(other.hop, hop) && other.hop.mark !== hop.mark) {
    const [setting, value] = other.hop.table === hop.table ? ["table", hop.table] : ["priority", hop.priority];
    const reason = `linux.${setting} ${value} stands for one SPS, but redirection ${other.name} goes to ${other.hop.gateway}; leave linux.${setting} out, or move one of them to a RouterRedirection of its own`;
    return { property: "spsAddress", reason };
  }
  if (!isSameGateway(other.hop, hop)) {
    const cause =
      options.mark === undefined
        ? `${hop.gateway} and ${other.hop.gateway} (redirection ${other.name}) end in the same number and would share packet mark ${hop.mark}`
        : `linux.mark ${hop.mark} stands for one SPS, but redirection ${other.name} goes to ${other.hop.gateway}`;
    const remedy = "move one of them to a RouterRedirection of its own with its own linux.mark";
    return { property: "spsAddress", reason: `${cause}; ${remedy}` };
  }
  if (other.hop.device !== hop.device) {
    const reason = `${hop.gateway} is reached on ${other.hop.device} in redirection ${other.name}; name one interface for one SPS`;
    return { property: "spsInterface", reason };
  }
  if (other.hop.isFailClosed !== hop.isFailClosed) {
    const reason = `redirection ${other.name} goes to the same SPS with another failMode; the way to one SPS has one failMode, or move one of them to a RouterRedirection of its own with its own linux.mark`;
    return { property: "failMode", reason };
  }
  return undefined;
}

function isSharingNumbers(left: NextHop, right: NextHop): boolean {
  return left.mark === right.mark || left.table === right.table || left.priority === right.priority;
}

function isSameGateway(left: NextHop, right: NextHop): boolean {
  return left.gateway === right.gateway;
}
