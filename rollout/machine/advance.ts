import type { Plan } from "../plan/plan";
import { approveWave, awaitedApproval, isSameApproval } from "./approval";
import { isIrreversible, type PlannedChange } from "./changes";
import {
  type Approval,
  didNothing,
  type OperatorEvent,
  PHASES,
  type Phase,
  type RolloutEvent,
  type SiteRun,
} from "./events";
import { isEnding } from "./halt";
import { isVerified, next } from "./next";
import { newState, READY, type RolloutState, readyFor, type SiteState, setStatus } from "./state";

/**
 * Brings a rollout over one event, and gives the runs that start now. Deterministic: the same events lead to the same state and
 * the same runs, which is how a rollout resumes and how its report is rebuilt. Changes the given state.
 */
export function advance(state: RolloutState, event: RolloutEvent): SiteRun[] {
  if (state.status !== "running") return [];
  if (event.type === "started") state.startedAt = event.at;
  else if (event.type === "finished") finish(state, event);
  else if (event.type !== "tick") obey(state, event);
  return next(state, event.at);
}

/** The state after all given events. */
export function replay(plan: Plan, events: Iterable<RolloutEvent>): RolloutState {
  const state = newState(plan);
  for (const event of events) advance(state, event);
  return state;
}

/** What an operator cannot do now, as a cause with its remedy; undefined when it is possible. */
export function refusalOf(state: RolloutState, event: OperatorEvent): string | undefined {
  if (state.status !== "running") return `the rollout has ended (${state.status}); start a new one`;
  if (isEnding(state)) {
    const cause = state.isCancelled ? "the rollout is cancelled" : "a failure has stopped the rollout";
    return `${cause} and ends after the sites in work; start a new one then`;
  }
  if (event.type === "approved") {
    const awaited = awaitedApproval(state);
    if (!awaited) return "nothing waits for approval; run status to see what it waits for";
    if (!isSameApproval(event.approves, awaited))
      return "what waits for approval has changed since; run status to see it, and approve again";
  }
  if (event.type === "paused" && state.paused !== undefined)
    return "the rollout is already paused; run resume to go on";
  if (!("site" in event)) return undefined;
  const site = state.sites.get(event.site);
  if (!site && state.plan.frozen.includes(event.site))
    return `the definition freezes the site ${event.site}; remove frozen there, and start a new rollout for it`;
  if (!site) return `the site ${event.site} is not in the rollout; correct its name`;
  if (event.type === "retried" && !isUnsolved(state, site))
    return `the site ${event.site} is ${site.status}; retry sites that failed only`;
  if (event.type === "skipped" && !isSkippable(state, site))
    return `the site ${event.site} is ${site.status}; skip sites that wait or failed only`;
  if (event.type === "frozen" && !isSkippable(state, site))
    return `the site ${event.site} is ${site.status}; freeze sites that wait or failed only`;
  if (event.type === "unfrozen" && site.status !== "frozen")
    return `the site ${event.site} is ${site.status}; unfreeze frozen sites only`;
  return undefined;
}

const isUnsolved = ({ unsolved }: RolloutState, { site }: SiteState) => unsolved.has(site.name);
const isSkippable = (state: RolloutState, site: SiteState) => isUnsolved(state, site) || readyFor(site) !== undefined;

function finish(state: RolloutState, event: RolloutEvent & { type: "finished" }): void {
  const site = state.sites.get(event.site);
  if (site?.status !== "running" || site.phase !== event.phase || site.attempt !== event.attempt) return;
  const { phase, attempt, startedAt, starts, at: finishedAt, worker, result } = event;
  // Runs that did nothing ask nothing of their SPP.
  if (phase === "apply" && !didNothing(result) && state.plan.coolDownSeconds > 0)
    state.coolDowns.set(site.site.spp, finishedAt + state.plan.coolDownSeconds * 1000);
  site.runs.push({ phase, attempt, startedAt, ...(starts !== undefined && { starts }), finishedAt, worker, result });
  if (result.outcome === "changed") {
    // A run that started before an approval finds what is approved by now.
    if (result.fingerprint !== state.fingerprint) state.changedFingerprint = result.fingerprint;
    checkAgain(state, site);
  } else if (result.outcome === "deferred") {
    // The next run needs an identity of its own.
    site.attempt += 1;
    setReady(state, site, phase);
    if (site.isRetried) state.retries.add(site.site.name);
  } else if (result.outcome === "outdated") {
    setStatus(state, site, "failed");
    // A retry checks it again, so that somebody sees what is added.
    site.phase = "check";
  } else if (result.outcome !== "done") setStatus(state, site, result.outcome);
  else if (phase === "check" && site.fingerprint !== state.fingerprint) checkAgain(state, site);
  else if (phase === "check") {
    const { changes = [], settings } = result;
    askForApproval(state, site, changes);
    site.announced = { at: finishedAt, changes, ...(settings !== undefined && { settings }) };
    setReady(state, site, "apply");
  } else if (phase === "apply") {
    insertSorted(state.durations, finishedAt - startedAt);
    if (isVerified(state.plan.waves[site.wave])) setReady(state, site, "verify");
    else setStatus(state, site, "done");
  } else setStatus(state, site, "done");
}

/** Sets whether what a check showed needs an approval. A join counts once, however often its site is checked. */
function askForApproval({ plan, joins }: RolloutState, site: SiteState, changes: readonly PlannedChange[]): void {
  const isGated = plan.waves[site.wave]?.gates.approval === true;
  const isJoined = isIrreversible(changes);
  if (isJoined && !isGated) joins.add(site.site.name);
  site.needsApproval = isGated || isJoined;
  site.isApproved = false;
}

/** Makes a site ready for a phase. When its wave is beyond that phase, nothing else would start it. */
function setReady(state: RolloutState, site: SiteState, phase: Phase): void {
  setStatus(state, site, READY[phase]);
  const isBehind = site.wave < state.wave || PHASES.indexOf(state.phase) > PHASES.indexOf(phase);
  if (isBehind && site.wave <= state.wave) state.retries.add(site.site.name);
}

function obey(state: RolloutState, event: OperatorEvent): void {
  if (refusalOf(state, event) !== undefined) return;
  state.operatorEvents.push(event);
  if (event.type === "approved") approve(state, event.approves);
  else if (event.type === "paused") state.paused = event.reason;
  else if (event.type === "resumed") state.paused = undefined;
  else if (event.type === "cancelled") state.isCancelled = true;
  else if ("site" in event) {
    const site = state.sites.get(event.site);
    if (!site) return;
    if (event.type === "retried") retry(state, site);
    else if (event.type === "unfrozen") {
      // Much may have happened to it since it was checked.
      checkAgain(state, site);
    } else {
      setStatus(state, site, event.type);
      state.retries.delete(event.site);
      if (site.runs.every(({ phase }) => phase !== "apply")) state.joins.delete(event.site);
    }
  }
}

function retry(state: RolloutState, site: SiteState): void {
  if (site.phase === "apply" && !site.announced) site.phase = "check";
  setStatus(state, site, READY[site.phase]);
  site.attempt += 1;
  state.retries.add(site.site.name);
}

function approve(state: RolloutState, approval: Approval): void {
  if ("wave" in approval) {
    approveWave(state, approval.wave);
    return;
  }
  state.fingerprint = approval.fingerprint;
  state.changedFingerprint = undefined;
  // What was checked and approved was another program.
  state.phase = "check";
  for (const site of state.sites.values()) {
    delete site.announced;
    if (site.status === "checked") checkAgain(state, site);
  }
}

function checkAgain(state: RolloutState, site: SiteState): void {
  site.phase = "check";
  // The next run needs an identity of its own.
  site.attempt += 1;
  setReady(state, site, "check");
}

function insertSorted(numbers: number[], added: number): void {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < added) low = middle + 1;
    else high = middle;
  }
  numbers.splice(low, 0, added);
}
