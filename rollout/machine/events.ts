import type { PlannedChange } from "./changes";

/**
 * What is done at a site, in this order: reading and proving everything that can be undone, the change itself, and where a gate asks
 * for it, the proof that the site works.
 */
export const PHASES = ["check", "apply", "verify"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * How a run at a site ended. `unknown` means that the outcome could not be read, `unreachable` that an appliance did not answer,
 * `changed` that program or configuration differ from what was approved, `outdated` that the site would get more than its check showed,
 * `deferred` that it waited for its SPP until it could not start any more. With the last three, nothing was done.
 */
export type Outcome = "done" | "failed" | "unknown" | "unreachable" | "changed" | "outdated" | "deferred";

/** Whether a run did nothing at its site. */
export const didNothing = ({ outcome, isInterrupted }: SiteResult) =>
  isInterrupted !== true && ["changed", "outdated", "deferred"].includes(outcome);

/** What the check of a site showed. */
export interface Announced {
  /** In milliseconds since 1970. */
  at: number;
  changes: PlannedChange[];
  /** The fingerprint of the settings of its stack; a change is made with the same ones only. */
  settings?: string;
}

/** One run at one site. */
export interface SiteRun {
  site: string;
  phase: Phase;
  /** From 1; a retry by an operator is a further attempt. */
  attempt: number;
  /** The fingerprint that is approved. */
  fingerprint: string;
  /** What the check of the site showed; the change must not go beyond it. */
  announced?: Announced;
  /** The last moment at which the change may start, so that it fits into its window. In milliseconds since 1970. */
  startBy?: number;
}

/** A join as SPP recorded it. A second request would have made another entry, at another time. */
export interface MadeJoin {
  /** Name of the resource. */
  resource: string;
  spp: string;
  /** Id and time of SPP's entry. */
  entry: number;
  at: string;
}

/** What a run found and did; without secrets, because it is stored and shown. */
export interface SiteResult {
  outcome: Outcome;
  /** Set when the run began in a process that died, and was not repeated: whatever the outcome, something may have been done. */
  isInterrupted?: true;
  /** One line for people: the failure with its remedy, or what changes. */
  message?: string;
  /** The code of the failure, such as SG1203. */
  code?: string;
  /** What changes, resource by resource. */
  changes?: PlannedChange[];
  /** The joins of the site after its change. */
  joins?: MadeJoin[];
  /** The fingerprint of the settings of the stack, when the phase is `check`. */
  settings?: string;
  /** The fingerprint that was found instead, when the outcome is `changed`. */
  fingerprint?: string;
}

/**
 * What an operator approves: what the checks of a wave showed, each by its site and attempt, or another program or definition. A command
 * carries what its operator saw, so that nothing else is approved by it.
 */
export type Approval = { wave: string; checks: Record<string, number> } | { fingerprint: string };

/** A command of an operator; who and why are kept. */
export type OperatorEvent = { at: number; by: string; reason: string } & (
  | { type: "approved"; approves: Approval }
  | { type: "paused" | "resumed" | "cancelled" }
  | { type: "retried" | "skipped" | "frozen" | "unfrozen"; site: string }
);

/** What an operator typed for each command. */
export const VERBS: Record<OperatorEvent["type"], string> = {
  approved: "approve",
  paused: "pause",
  resumed: "resume",
  cancelled: "cancel",
  retried: "retry",
  skipped: "skip",
  frozen: "freeze",
  unfrozen: "unfreeze",
};

/** Everything that happens to a rollout, in the order of its journal. `at` is in milliseconds since 1970. */
export type RolloutEvent =
  | { type: "started"; at: number; by: string }
  | ({ type: "finished"; at: number; startedAt: number; worker: string } & Omit<
      SiteRun,
      "fingerprint" | "announced" | "startBy"
    > & {
        result: SiteResult;
        /** Of a change: how often its work was started, 0 when it did not begin; absent in journals of earlier versions. */
        starts?: number;
      })
  | { type: "tick"; at: number }
  | OperatorEvent;
