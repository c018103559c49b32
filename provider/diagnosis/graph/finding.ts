import type { Outcome } from "../../join/preflight/check";

/** The levels of a site; each works only while the ones above it do. */
export const LEVELS = ["appliances", "cluster", "join", "router", "traffic"] as const;

export type Level = (typeof LEVELS)[number];

/** One examined condition of a site, before it is known which other finding explains it. */
export interface Finding {
  /** Stable id; conditions of a router end with its name, such as `router-path:edge`. */
  id: string;
  /** What is true when the check passes. */
  title: string;
  level: Level;
  /** The appliance or router, such as `sps 10.0.0.1`. */
  object: string;
  /** Ids of the conditions without which this one cannot be met or examined. They come earlier in the list. */
  after: readonly string[];
  outcome: Outcome;
  /** True where the platform of the router gives no way to examine it. */
  isUnsupported?: boolean;
}

/** A finding, and the id of the finding that explains it. */
export interface ExplainedFinding extends Finding {
  /** Absent when the finding stands for itself. */
  because?: string;
}

/**
 * Finds what explains each failure and each unchecked condition: the first failed condition among those that it needs,
 * followed to its root. A condition that is met breaks the chain, so that independent faults stay apart. Pure.
 */
export function explain(findings: readonly Finding[]): ExplainedFinding[] {
  const explained = new Map<string, ExplainedFinding>();
  for (const finding of findings) {
    const because = isExplainable(finding) ? rootOf(finding, explained) : undefined;
    explained.set(finding.id, { ...finding, ...(because !== undefined && { because }) });
  }
  return [...explained.values()];
}

/** The findings to act on: failures, then warnings, each in the order of the levels. Pure. */
export function causesAmong(findings: readonly ExplainedFinding[]): ExplainedFinding[] {
  const roots = findings.filter(({ because }) => because === undefined);
  const inState = (status: Outcome["status"]) => roots.filter(({ outcome }) => outcome.status === status);
  return [...inState("fail"), ...inState("warn")];
}

/** A warning is known by itself, whatever else fails. */
function isExplainable({ outcome: { status } }: Finding): boolean {
  return status === "fail" || status === "not checked";
}

function rootOf({ after, outcome }: Finding, earlier: ReadonlyMap<string, ExplainedFinding>): string | undefined {
  const needed = after.flatMap((id) => earlier.get(id) ?? []);
  const failed = needed.find(({ because, outcome: { status } }) => because !== undefined || status === "fail");
  if (failed) return failed.because ?? failed.id;
  // A slow appliance leaves conditions unchecked.
  return outcome.status === "not checked" ? needed.find((one) => one.outcome.status === "warn")?.id : undefined;
}
