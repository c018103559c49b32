import type { PlannedWave } from "../plan/plan";
import { windowMinutes } from "../plan/window-length";
import type { Phase, SiteRun } from "./events";
import { budgetLeft } from "./halt";
import { type Hold, lacksApproval, type RolloutState, readyFor, type SiteState, setStatus } from "./state";
import { type Opening, openingOf } from "./window";

/** How many sites may be in work: the fewer failures the budgets still have room for, the fewer. */
export const parallelismOf = (state: RolloutState) =>
  Math.max(1, Math.ceil(state.plan.parallelism * budgetLeft(state)));

/** Fewer changes than this may all have been quick ones, for example of a canary. */
const ENOUGH_CHANGES = 3;

/** The median duration of the changes so far, in milliseconds. While there are few, at least what the plan says. */
export function usualDuration({ durations, plan }: Pick<RolloutState, "durations" | "plan">): number {
  const median = durations[Math.floor(durations.length / 2)] ?? 0;
  return durations.length < ENOUGH_CHANGES ? Math.max(median, plan.changeSeconds * 1000) : median;
}

/**
 * Starts the sites that may start: first those that an operator retries, then all that fit, in the order of their wave. While failures hold
 * the rollout, only the former. Every change passes the gates of its own wave, also one that is retried. Sets why the others wait.
 */
export function start(state: RolloutState, wave: PlannedWave, at: number): SiteRun[] {
  const { hold } = state;
  if (hold && hold.kind !== "failures") return [];
  const round = new Round(state, at);
  for (const name of [...state.retries]) {
    const site = state.sites.get(name);
    if (site && readyFor(site)) round.startIfPossible(site);
  }
  if (!hold) round.startWave(wave);
  round.setHold();
  return round.runs;
}

/** Whether an operator decides how a rollout goes on: nothing is in work, and no time lets anything start. */
export const waitsForOperator = ({ status, hold, wakeAt, running }: RolloutState) =>
  status === "running" && hold !== undefined && !("until" in hold) && wakeAt === undefined && running.size === 0;

/** When a change may start: from a time on, now and until a time, or never. */
type Chance = { opensAt: number } | { startBy: number } | { isTooShort: Hold };

/** One search for sites that can start at a time, and the reasons why others cannot. */
class Round {
  readonly runs: SiteRun[] = [];
  private readonly chances = new Map<PlannedWave, Chance>();
  private free: number;
  private approval: Hold | undefined;
  private tooShort: Hold | undefined;
  private opensAt = Number.POSITIVE_INFINITY;
  private coolUntil = Number.POSITIVE_INFINITY;

  constructor(
    private readonly state: RolloutState,
    private readonly at: number,
  ) {
    this.free = parallelismOf(state) - state.running.size;
  }

  startIfPossible(site: SiteState): void {
    const phase = readyFor(site);
    const wave = this.state.plan.waves[site.wave];
    if (phase === undefined || wave === undefined) return;
    if (phase !== "apply") {
      if (this.free > 0) this.begin(site, phase, true);
    } else if (lacksApproval(site)) this.waitForApproval(wave);
    else if (this.isOpen(wave) && this.isFree(site) && this.free > 0) this.begin(site, phase, true);
  }

  /** Starts the sites of a wave that are ready for its phase. */
  startWave(wave: PlannedWave): void {
    const { phase, queues, wave: index } = this.state;
    const ready = queues[index];
    if (ready === undefined) return;
    if (phase !== "apply") {
      for (let site = first(ready[phase].heads()); site && this.free > 0; site = first(ready[phase].heads()))
        this.begin(site, phase, false);
      return;
    }
    if (ready.unapproved.size > 0) this.waitForApproval(wave);
    if (ready.apply.size === 0 || !this.isOpen(wave)) return;
    const heads = new Set([...ready.apply.heads()].filter((site) => this.isFree(site)));
    for (let site = first(heads); site && this.free > 0; site = first(heads)) {
      heads.delete(site);
      this.begin(site, phase, false);
    }
  }

  /** Sets why nothing more starts, and when that changes by itself. */
  setHold(): void {
    const { state, opensAt, coolUntil } = this;
    state.hold ??= this.approval;
    if (opensAt < Number.POSITIVE_INFINITY) state.hold ??= { kind: "window", until: opensAt };
    if (coolUntil < Number.POSITIVE_INFINITY && state.running.size === 0)
      state.hold ??= { kind: "cool-down", until: coolUntil };
    state.hold ??= this.tooShort;
    const wakeAt = Math.min(state.wakeAt ?? Number.POSITIVE_INFINITY, opensAt, coolUntil);
    state.wakeAt = wakeAt < Number.POSITIVE_INFINITY ? wakeAt : undefined;
  }

  private begin(site: SiteState, phase: Phase, isRetried: boolean): void {
    const { state, at } = this;
    const { name } = site.site;
    this.free -= 1;
    site.phase = phase;
    site.since = at;
    site.isRetried = isRetried;
    site.fingerprint = state.fingerprint;
    setStatus(state, site, "running");
    state.retries.delete(name);
    const run: SiteRun = { site: name, phase, attempt: site.attempt, fingerprint: state.fingerprint };
    this.runs.push(phase === "apply" ? { ...run, ...this.limitsOf(site) } : run);
  }

  /** What a change must not go beyond. */
  private limitsOf({ announced, wave }: SiteState): Pick<SiteRun, "announced" | "startBy"> {
    const own = this.state.plan.waves[wave];
    const chance = own && this.chanceOf(own);
    const startBy = chance && "startBy" in chance ? chance.startBy : Number.POSITIVE_INFINITY;
    return { ...(announced && { announced }), ...(startBy < Number.POSITIVE_INFINITY && { startBy }) };
  }

  private waitForApproval({ name, gates }: PlannedWave): void {
    const joins = { seen: this.state.joins.size, accepted: this.state.plan.acceptedJoins ?? 0 };
    this.approval ??= { kind: "approval", wave: name, ...(gates.approval ? {} : { joins }) };
  }

  private isOpen(wave: PlannedWave): boolean {
    const chance = this.chanceOf(wave);
    if ("startBy" in chance) return true;
    if ("isTooShort" in chance) this.tooShort ??= chance.isTooShort;
    else this.opensAt = Math.min(this.opensAt, chance.opensAt);
    return false;
  }

  /** SPP allows one cluster operation at a time, and may rest after each; the other phases only read. */
  private isFree({ site: { spp } }: SiteState): boolean {
    const rests = this.state.coolDowns.get(spp) ?? 0;
    if (rests > this.at) this.coolUntil = Math.min(this.coolUntil, rests);
    return rests <= this.at && !this.state.changing.has(spp);
  }

  /** Each window is looked up once. */
  private chanceOf(wave: PlannedWave): Chance {
    const chance = this.chances.get(wave) ?? chanceIn(wave, usualDuration(this.state), this.at);
    this.chances.set(wave, chance);
    return chance;
  }
}

/** The window must stay open for the usual duration of a change twice: for the change, and for undoing it. */
function chanceIn({ name: wave, gates: { window } }: PlannedWave, usual: number, at: number): Chance {
  if (!window) return { startBy: Number.POSITIVE_INFINITY };
  const isOpenSeconds = windowMinutes(window) * 60;
  const neededSeconds = Math.ceil((2 * usual) / 1000);
  if (neededSeconds > isOpenSeconds)
    return { isTooShort: { kind: "short-window", wave, isOpenSeconds, neededSeconds } };
  const opening = openingOf(window, at);
  if (!opening.isOpen) return opening;
  const startBy = opening.closesAt - 2 * usual;
  if (at <= startBy) return { startBy };
  const later: Opening = openingOf(window, opening.closesAt);
  return later.isOpen ? { startBy: later.closesAt } : later;
}

/** The first of some sites in the order of their wave. */
function first(sites: Iterable<SiteState>): SiteState | undefined {
  let found: SiteState | undefined;
  for (const site of sites) if (found === undefined || site.position < found.position) found = site;
  return found;
}
