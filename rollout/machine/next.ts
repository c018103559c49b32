import type { PlannedWave } from "../plan/plan";
import { PHASES, type Phase, type SiteRun } from "./events";
import { type Hold, type RolloutState, type SiteState, type SiteStatus, setStatus } from "./state";
import { openingOf } from "./window";

/** The status of a site that is ready for a phase. */
export const READY: Record<Phase, SiteStatus> = { check: "waiting", apply: "checked", verify: "applied" };

/** Whether the sites of a wave are verified after their changes. */
export function isVerified(wave: PlannedWave | undefined): boolean {
  return wave?.gates.doctor === true || wave?.gates.trafficSeconds !== undefined;
}

/** Moves a rollout on as far as it goes by itself at a time, and gives the runs that start now. */
export function next(state: RolloutState, at: number): SiteRun[] {
  state.hold = undefined;
  state.wakeAt = undefined;
  const runs: SiteRun[] = [];
  for (;;) {
    const wave = state.plan.waves[state.wave];
    if (wave === undefined || state.isCancelled || isStopped(state)) {
      if (state.running.size === 0) end(state, at);
      return runs;
    }
    state.hold = holdOf(state, at);
    if (state.hold && "until" in state.hold) state.wakeAt = state.hold.until;
    runs.push(...start(state, wave, at));
    if (state.hold || state.running.size > 0) return runs;
    completePhase(state, wave, at);
  }
}

const isStopped = ({ plan, unsolved }: RolloutState) => plan.onFailure === "stop" && unsolved.size > 0;

function end(state: RolloutState, at: number): void {
  const isComplete = state.wave >= state.plan.waves.length;
  state.status = isComplete ? "done" : state.isCancelled ? "cancelled" : "stopped";
  state.endedAt = at;
}

/** Why no further site may start now, whatever its wave. While failures hold a rollout, sites that are retried start nevertheless. */
function holdOf(state: RolloutState, at: number): Hold | undefined {
  if (state.paused !== undefined) return { kind: "paused", reason: state.paused };
  if (state.changedFingerprint !== undefined) return { kind: "changed", fingerprint: state.changedFingerprint };
  if (at < state.soakUntil) return { kind: "soak", until: state.soakUntil };
  if (isBeyondBudget(state)) return { kind: "failures", sites: [...state.unsolved] };
  return undefined;
}

function isBeyondBudget({ plan, sites, unsolved, wave }: RolloutState): boolean {
  if (plan.onFailure !== "continue") return unsolved.size > 0;
  const ofWave = [...unsolved].filter((name) => sites.get(name)?.wave === wave).length;
  return unsolved.size > plan.failureBudget.total || ofWave > plan.failureBudget.perWave;
}

/** Tells when the window of a wave opens for the next change, or undefined when it is open. Each window is looked up once. */
function windows(state: RolloutState, at: number): (wave: PlannedWave) => number | undefined {
  const known = new Map<PlannedWave, number | undefined>();
  return (wave) => {
    if (!known.has(wave)) known.set(wave, nextOpening(state, wave, at));
    return known.get(wave);
  };
}

/** The window must stay open for the usual duration of a site twice: for its change, and for undoing it. */
function nextOpening(state: RolloutState, { gates: { window } }: PlannedWave, at: number): number | undefined {
  if (!window) return undefined;
  const opening = openingOf(window, at);
  if (!opening.isOpen) return opening.opensAt;
  if (at + 2 * usualDuration(state) <= opening.closesAt) return undefined;
  const later = openingOf(window, opening.closesAt);
  return later.isOpen ? undefined : later.opensAt;
}

/** The median duration of the changes so far, in milliseconds; 0 before the first. */
const usualDuration = ({ durations }: RolloutState) => durations[Math.floor(durations.length / 2)] ?? 0;

/**
 * Starts the sites that may start: all that fit, or those that an operator retries while failures hold the rollout. Every change passes
 * the gates of its own wave, also one that is retried. Sets why the others wait.
 */
function start(state: RolloutState, wave: PlannedWave, at: number): SiteRun[] {
  let free = parallelismOf(state) - state.running.size;
  const busy = new Set([...state.running].flatMap((name) => sppInWork(state.sites.get(name)) ?? []));
  const windowOf = windows(state, at);
  const runs: SiteRun[] = [];
  let approval: Hold | undefined;
  let opensAt = Number.POSITIVE_INFINITY;
  let coolUntil = Number.POSITIVE_INFINITY;
  for (const site of candidates(state, wave)) {
    const { name, spp } = site.site;
    const phase = PHASES.find((one) => READY[one] === site.status) ?? "check";
    // SPP allows one cluster operation at a time; the other phases only read.
    if (phase === "apply") {
      const own = state.plan.waves[site.wave] ?? wave;
      if (own.gates.approval && !site.isApproved) {
        approval ??= { kind: "approval", wave: own.name };
        continue;
      }
      const opening = windowOf(own);
      if (opening !== undefined) {
        opensAt = Math.min(opensAt, opening);
        continue;
      }
      const rests = state.coolDowns.get(spp) ?? 0;
      if (rests > at) coolUntil = Math.min(coolUntil, rests);
      if (rests > at || busy.has(spp) || free <= 0) continue;
      busy.add(spp);
    }
    if (free <= 0) continue;
    free -= 1;
    site.phase = phase;
    site.since = at;
    site.fingerprint = state.fingerprint;
    setStatus(state, site, "running");
    state.retries.delete(name);
    const announced = phase === "apply" && site.announced ? { announced: site.announced } : {};
    runs.push({ site: name, phase, attempt: site.attempt, fingerprint: state.fingerprint, ...announced });
  }
  state.hold ??= approval;
  if (opensAt < Number.POSITIVE_INFINITY) state.hold ??= { kind: "window", until: opensAt };
  if (coolUntil < Number.POSITIVE_INFINITY && state.running.size === 0)
    state.hold ??= { kind: "cool-down", until: coolUntil };
  const wakeAt = Math.min(state.wakeAt ?? Number.POSITIVE_INFINITY, opensAt, coolUntil);
  state.wakeAt = wakeAt < Number.POSITIVE_INFINITY ? wakeAt : undefined;
  return runs;
}

const sppInWork = (site: SiteState | undefined) => (site?.phase === "apply" ? site.site.spp : undefined);

function* candidates(state: RolloutState, wave: PlannedWave): Generator<SiteState> {
  const { hold, phase, retries, sites } = state;
  if (hold && hold.kind !== "failures") return;
  const isReady = ({ status }: SiteState) => Object.values(READY).includes(status);
  for (const name of hold ? [...retries] : [...retries, ...wave.sites]) {
    const site = sites.get(name);
    if (site && (site.status === READY[phase] || (retries.has(name) && isReady(site)))) yield site;
  }
}

/** How many sites may be in work: the fewer failures the budget still has room for, the fewer. */
export function parallelismOf({ plan, unsolved }: RolloutState): number {
  const { parallelism, failureBudget, onFailure } = plan;
  if (onFailure !== "continue") return parallelism;
  return Math.max(1, Math.ceil(parallelism * (1 - unsolved.size / (failureBudget.total + 1))));
}

/** Goes to the next phase of a wave, or to the next wave. The soak comes after the changes, before what is verified or the next wave. */
function completePhase(state: RolloutState, wave: PlannedWave, at: number): void {
  const soakUntil = at + wave.gates.soakSeconds * 1000;
  if (state.phase === "check") {
    state.phase = "apply";
    return;
  }
  if (state.phase === "apply" && isVerified(wave)) {
    state.phase = "verify";
    state.soakUntil = soakUntil;
    return;
  }
  const isSoaked = state.phase === "verify" || state.wave + 1 >= state.plan.waves.length;
  state.phase = "check";
  state.wave += 1;
  state.soakUntil = isSoaked ? 0 : soakUntil;
}
