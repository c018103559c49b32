import type { PlannedWave } from "../plan/plan";
import { approveAcceptedJoins } from "./approval";
import type { SiteRun } from "./events";
import { isBeyondBudget, isStopped } from "./halt";
import { start } from "./start";
import type { Hold, RolloutState } from "./state";

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
    approveJoins(state);
    runs.push(...start(state, wave, at));
    if (state.hold || state.running.size > 0) return runs;
    completePhase(state, wave, at);
  }
}

/** Waves before the one in work have sites that wait when they are retried or unfrozen. */
function approveJoins(state: RolloutState): void {
  for (const [index, { unapproved }] of state.queues.entries()) {
    const wave = state.plan.waves[index];
    const isChecked = index < state.wave || (index === state.wave && state.phase !== "check");
    if (wave !== undefined && isChecked && unapproved.size > 0) approveAcceptedJoins(state, wave);
  }
}

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
