import type { Plan, PlannedSite } from "../plan/plan";
import type { Announced, OperatorEvent, Phase, SiteResult } from "./events";

/** `running` is in work at a worker or in the queue of its SPP, `applied` changed and not verified yet. */
export const SITE_STATUSES = [
  "waiting",
  "running",
  "checked",
  "applied",
  "done",
  "failed",
  "unknown",
  "unreachable",
  "skipped",
  "frozen",
] as const;
export type SiteStatus = (typeof SITE_STATUSES)[number];

/** One run that ended. */
export interface FinishedRun {
  phase: Phase;
  attempt: number;
  startedAt: number;
  finishedAt: number;
  worker: string;
  result: SiteResult;
}

export interface SiteState {
  readonly site: PlannedSite;
  /** Index of its wave. */
  readonly wave: number;
  status: SiteStatus;
  phase: Phase;
  attempt: number;
  /** When its latest run started. */
  since: number;
  runs: FinishedRun[];
  /** The fingerprint that its latest run was started with. */
  fingerprint: string;
  /** What its latest check showed; absent when the approved program is another one. */
  announced?: Announced;
  /** Whether an operator approved what its latest check showed. */
  isApproved: boolean;
}

/** Why a rollout waits. */
export type Hold =
  | { kind: "approval"; wave: string }
  | { kind: "failures"; sites: string[] }
  | { kind: "changed"; fingerprint: string }
  | { kind: "soak"; until: number }
  | { kind: "window"; until: number }
  | { kind: "cool-down"; until: number }
  | { kind: "paused"; reason: string };

export type RolloutStatus = "running" | "done" | "stopped" | "cancelled";

/** A rollout after some of its events. It follows from the plan and the events alone. */
export interface RolloutState {
  readonly plan: Plan;
  readonly sites: Map<string, SiteState>;
  status: RolloutStatus;
  startedAt: number;
  endedAt: number | undefined;
  /** Index of the wave in work. */
  wave: number;
  phase: Phase;
  /** Names of sites in work. */
  running: Set<string>;
  /** Names of sites that did not get what they should, and about which nobody has decided. */
  unsolved: Set<string>;
  /** Names of sites that an operator retries and that have not started yet. */
  retries: Set<string>;
  /** Durations of the changes so far in milliseconds, ascending. */
  durations: number[];
  /** When the SPPs that rest after a change are free, by their address. */
  coolDowns: Map<string, number>;
  /** When the last site of the previous wave ended, and how long to wait since. */
  soakUntil: number;
  fingerprint: string;
  changedFingerprint: string | undefined;
  paused: string | undefined;
  isCancelled: boolean;
  /** Why nothing starts; undefined while sites start or run. */
  hold: Hold | undefined;
  /** When the rollout looks again without any event. */
  wakeAt: number | undefined;
  operatorEvents: OperatorEvent[];
}

const newSite = (site: PlannedSite, wave: number, fingerprint: string): SiteState => {
  return {
    site,
    wave,
    status: "waiting",
    phase: "check",
    attempt: 1,
    since: 0,
    runs: [],
    fingerprint,
    isApproved: false,
  };
};

/** A rollout before its first event. */
export function newState(plan: Plan): RolloutState {
  const sites = plan.waves.flatMap(({ sites: names }, wave) =>
    names.map((name): [string, SiteState] => {
      const site = plan.sites[name];
      if (!site)
        throw new Error(`plan ${plan.name}: wave ${wave} names the site ${name}, which the plan does not have`);
      return [name, newSite(site, wave, plan.fingerprint)];
    }),
  );
  return {
    plan,
    sites: new Map(sites),
    status: "running",
    startedAt: 0,
    endedAt: undefined,
    wave: 0,
    phase: "check",
    running: new Set(),
    unsolved: new Set(),
    retries: new Set(),
    durations: [],
    coolDowns: new Map(),
    soakUntil: 0,
    fingerprint: plan.fingerprint,
    changedFingerprint: undefined,
    paused: undefined,
    isCancelled: false,
    hold: undefined,
    wakeAt: undefined,
    operatorEvents: [],
  };
}

const UNSOLVED: readonly SiteStatus[] = ["failed", "unknown", "unreachable"];

/** Sets the status of a site, and the sets that follow from it. */
export function setStatus(state: RolloutState, site: SiteState, status: SiteStatus): void {
  const { name } = site.site;
  site.status = status;
  mark(state.running, name, status === "running");
  mark(state.unsolved, name, UNSOLVED.includes(status));
}

function mark(set: Set<string>, name: string, isMember: boolean): void {
  if (isMember) set.add(name);
  else set.delete(name);
}
