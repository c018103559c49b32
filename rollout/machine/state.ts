import type { Plan, PlannedSite } from "../plan/plan";
import { type Announced, type OperatorEvent, PHASES, type Phase, type SiteResult } from "./events";
import { bySpp, inOneQueue, type Queued, SiteQueue } from "./site-queue";

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
  /** How often a change was started; more than once after a crash. */
  starts?: number;
  phase: Phase;
  attempt: number;
  startedAt: number;
  finishedAt: number;
  worker: string;
  result: SiteResult;
}

export interface SiteState extends Queued {
  /** Index of its wave. */
  readonly wave: number;
  status: SiteStatus;
  phase: Phase;
  attempt: number;
  /** When its latest run started. */
  since: number;
  /** Whether its latest run starts although failures hold the rollout, because an operator retries it. */
  isRetried: boolean;
  runs: FinishedRun[];
  /** The fingerprint that its latest run was started with. */
  fingerprint: string;
  /** What its latest check showed; absent when the approved program is another one. */
  announced?: Announced;
  /** Whether what its latest check showed needs an approval, because its wave asks for one or because it cannot be undone. */
  needsApproval: boolean;
  /** Whether an operator approved what its latest check showed. */
  isApproved: boolean;
}

/** Why a rollout waits. */
export type Hold =
  /** `joins` where the wave itself asks for none: how many sites would be joined in such waves, and how many the start accepted. */
  | { kind: "approval"; wave: string; joins?: { seen: number; accepted: number } }
  | { kind: "failures"; sites: string[] }
  | { kind: "changed"; fingerprint: string }
  | { kind: "soak"; until: number }
  | { kind: "window"; until: number }
  /** The window of a wave is never open long enough for a change and its rollback, in seconds. */
  | { kind: "short-window"; wave: string; isOpenSeconds: number; neededSeconds: number }
  | { kind: "cool-down"; until: number }
  | { kind: "paused"; reason: string };

export type RolloutStatus = "running" | "done" | "stopped" | "cancelled";

/** The sites of a wave that can start their next run, by the phase of that run. */
export interface WaveQueues extends Record<Phase, SiteQueue<SiteState>> {
  /** Those whose change waits for an approval. */
  unapproved: SiteQueue<SiteState>;
}

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
  /** The sites whose change is in work or in the queue of their SPP, by its address. */
  changing: Map<string, string>;
  /** What is ready, by the index of the wave. */
  queues: WaveQueues[];
  /** Names of sites that did not get what they should, and about which nobody has decided. */
  unsolved: Set<string>;
  /** Names of sites in waves without an approval gate that are joined, or would be as their checks showed. */
  joins: Set<string>;
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

const newSite = (site: PlannedSite, wave: number, position: number, fingerprint: string): SiteState => {
  return {
    site,
    wave,
    position,
    status: "waiting",
    phase: "check",
    attempt: 1,
    since: 0,
    isRetried: false,
    runs: [],
    fingerprint,
    needsApproval: false,
    isApproved: false,
  };
};

/** A rollout before its first event. */
export function newState(plan: Plan): RolloutState {
  const sites = plan.waves.flatMap(({ sites: names }, wave) =>
    names.map((name, position): [string, SiteState] => {
      const site = plan.sites[name];
      if (!site)
        throw new Error(`plan ${plan.name}: wave ${wave} names the site ${name}, which the plan does not have`);
      return [name, newSite(site, wave, position, plan.fingerprint)];
    }),
  );
  const state: RolloutState = {
    plan,
    sites: new Map(sites),
    status: "running",
    startedAt: 0,
    endedAt: undefined,
    wave: 0,
    phase: "check",
    running: new Set(),
    changing: new Map(),
    queues: plan.waves.map(newQueues),
    unsolved: new Set(),
    joins: new Set(),
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
  for (const site of state.sites.values()) queueOf(state, site)?.add(site);
  return state;
}

function newQueues(): WaveQueues {
  return {
    check: new SiteQueue(inOneQueue),
    apply: new SiteQueue<SiteState>(bySpp),
    verify: new SiteQueue(inOneQueue),
    unapproved: new SiteQueue(inOneQueue),
  };
}

/** The status of a site that is ready for a phase. */
export const READY: Record<Phase, SiteStatus> = { check: "waiting", apply: "checked", verify: "applied" };

/** The phase that a site is ready for; undefined when it is not ready. */
export const readyFor = ({ status }: SiteState): Phase | undefined => PHASES.find((phase) => READY[phase] === status);

/** Whether the change of a site needs an approval that it does not have. */
export const lacksApproval = (site: SiteState) => site.needsApproval && !site.isApproved;

function queueOf(state: RolloutState, site: SiteState): SiteQueue<SiteState> | undefined {
  const phase = readyFor(site);
  if (phase === undefined) return undefined;
  return state.queues[site.wave]?.[phase === "apply" && lacksApproval(site) ? "unapproved" : phase];
}

const UNSOLVED: readonly SiteStatus[] = ["failed", "unknown", "unreachable"];

/** Sets the status of a site, and the sets and queues that follow from it. The phase of a run is set before. */
export function setStatus(
  state: RolloutState,
  site: SiteState,
  status: SiteStatus,
  isApproved = site.isApproved,
): void {
  const { name, spp } = site.site;
  queueOf(state, site)?.remove(site);
  site.status = status;
  site.isApproved = isApproved;
  queueOf(state, site)?.add(site);
  if (status === "running" && site.phase === "apply") state.changing.set(spp, name);
  else if (state.changing.get(spp) === name) state.changing.delete(spp);
  mark(state.running, name, status === "running");
  mark(state.unsolved, name, UNSOLVED.includes(status));
}

function mark(set: Set<string>, name: string, isMember: boolean): void {
  if (isMember) set.add(name);
  else set.delete(name);
}
