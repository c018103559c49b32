import type { RolloutState } from "./state";

/**
 * Why no further change of a rollout may start, also none that waits at its SPP already. While failures hold a rollout, the changes of
 * sites that an operator retries are exempt.
 */
export type Halt =
  | { kind: "cancelled" | "stopped" | "paused" | "changed" }
  | { kind: "failures"; exempt: readonly string[] };

/** What stops the changes of a rollout now. Soak times and windows are not among it: they end by themselves. */
export function haltOf(state: RolloutState): Halt | undefined {
  if (state.isCancelled) return { kind: "cancelled" };
  if (isStopped(state)) return { kind: "stopped" };
  if (state.paused !== undefined) return { kind: "paused" };
  if (state.changedFingerprint !== undefined) return { kind: "changed" };
  if (!isBeyondBudget(state)) return undefined;
  return { kind: "failures", exempt: [...state.changing.values()].filter((name) => state.sites.get(name)?.isRetried) };
}

/** Whether a rollout has ended, or ends after the sites in work: no command lets a site go on then. */
export const isEnding = (state: RolloutState) => state.status !== "running" || state.isCancelled || isStopped(state);

/** Whether a failure ends the rollout after the sites in work. */
export const isStopped = (state: RolloutState) =>
  state.plan.onFailure === "stop" && [...state.unsolved].some((name) => !isUnproved(state, name));

/**
 * Whether the gates of a wave could not tell whether a changed site is well, for example because no client connected. Whatever the plan says
 * of failures, an operator decides then.
 */
const isUnproved = ({ sites }: RolloutState, name: string) => {
  const site = sites.get(name);
  return site?.phase === "verify" && site.status === "unknown";
};

/** Whether there are more failures than the plan lets pass, or a site that an operator has to look at. */
export function isBeyondBudget(state: RolloutState): boolean {
  const { plan, unsolved } = state;
  if (plan.onFailure !== "continue") return unsolved.size > 0;
  if ([...unsolved].some((name) => isUnproved(state, name))) return true;
  return unsolved.size > plan.failureBudget.total || unsolvedOfWave(state) > plan.failureBudget.perWave;
}

/** How much of the failure budgets is left, of the wave in work or in all, whichever is less: from 1 without any failure to 0 beyond one. */
export function budgetLeft(state: RolloutState): number {
  const { failureBudget, onFailure } = state.plan;
  if (onFailure !== "continue") return 1;
  const left = (failures: number, budget: number) => Math.max(0, 1 - failures / (budget + 1));
  return Math.min(left(state.unsolved.size, failureBudget.total), left(unsolvedOfWave(state), failureBudget.perWave));
}

const unsolvedOfWave = ({ sites, unsolved, wave }: RolloutState) =>
  [...unsolved].filter((name) => sites.get(name)?.wave === wave).length;

/** Whether a halt stops the change of a site. */
export const isHalted = (halt: Halt, site: string) => halt.kind !== "failures" || !halt.exempt.includes(site);
