import type { Approval } from "./events";
import type { RolloutState, SiteState } from "./state";

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
    return site?.status === "checked" && !site.isApproved ? [site] : [];
  });
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
