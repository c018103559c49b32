import type { PlannedWave } from "../plan/plan";
import type { Approval } from "./events";
import { lacksApproval, type RolloutState, type SiteState, setStatus } from "./state";

/** What waits for approval now. */
export function awaitedApproval(state: RolloutState): Approval | undefined {
  const { hold } = state;
  if (hold?.kind === "changed") return { fingerprint: hold.fingerprint };
  if (hold?.kind !== "approval") return undefined;
  const checks = unapprovedSites(state, hold.wave).map(({ site, attempt }) => [site.name, attempt]);
  return { wave: hold.wave, checks: Object.fromEntries(checks) };
}

/** The sites of a wave whose check showed what nobody has approved yet. */
export function unapprovedSites({ plan, sites }: RolloutState, wave: string): SiteState[] {
  const names = plan.waves.find(({ name }) => name === wave)?.sites ?? [];
  return names.flatMap((name) => {
    const site = sites.get(name);
    return site?.status === "checked" && lacksApproval(site) ? [site] : [];
  });
}

/** Approves the sites of a wave whose check showed what nobody has approved yet. */
export function approveWave(state: RolloutState, wave: string): void {
  for (const site of unapprovedSites(state, wave)) setStatus(state, site, site.status, true);
}

/**
 * Approves the joins of a wave without an approval gate that whoever started the rollout has accepted, after all of its sites are checked: either
 * all of them, or none when the checks showed more joins than were accepted.
 */
export function approveAcceptedJoins(state: RolloutState, { name, gates }: PlannedWave): void {
  if (!gates.approval && state.joins.size <= (state.plan.acceptedJoins ?? 0)) approveWave(state, name);
}

/** Whether two approvals are about the same. A database keeps no order of sites. */
export function isSameApproval(one: Approval, other: Approval): boolean {
  if ("fingerprint" in one || "fingerprint" in other)
    return "fingerprint" in one && "fingerprint" in other && one.fingerprint === other.fingerprint;
  const names = Object.keys(one.checks);
  return (
    one.wave === other.wave &&
    names.length === Object.keys(other.checks).length &&
    names.every((name) => one.checks[name] === other.checks[name])
  );
}
