import type { RolloutRecord } from "../database/journal";
import { unapprovedSites } from "../machine/approval";
import type { OperatorEvent, Phase } from "../machine/events";
import { isEnding } from "../machine/halt";
import { parallelismOf } from "../machine/start";
import { type Hold, type RolloutState, SITE_STATUSES, type SiteState, type SiteStatus } from "../machine/state";
import { foldSurvey, type Shared } from "../machine/survey";
import { awaitedId } from "./approval-id";

/** How many sites have each status. */
export type Counts = Record<SiteStatus, number>;

export interface SiteSummary {
  name: string;
  stack: string;
  spp: string;
  wave: string;
  status: SiteStatus;
  phase: Phase;
  attempt: number;
  /** What the last run said. */
  message?: string;
  code?: string;
}

/** Everything that `status` shows; its JSON form is the output of `status --json`. Times are ISO 8601. */
export interface RolloutSummary {
  id: string;
  status: RolloutState["status"];
  startedAt: string;
  endedAt?: string;
  wave: { name: string; number: number; of: number; phase: Phase };
  /** Why nothing starts. */
  hold?: Hold;
  counts: Counts;
  waves: ({ name: string; sites: number } & Counts)[];
  /** The id of what waits for approval, for `approve`. */
  approval?: string;
  /** What an operator approves: the changes of the wave, identical ones once with their sites. Empty unless approval is awaited. */
  toApprove: Shared<string[]>[];
  /** How much of the failure budget is used. Absent unless failures count against one. */
  budget?: BudgetSummary;
  /** The SPPs of the wave in work that change a site, rest, or have sites waiting. */
  spps: SppSummary[];
  sites: SiteSummary[];
  frozen: string[];
  /** Why they are frozen, by name, where the definition says so. */
  frozenReasons: Record<string, string>;
  operatorEvents: OperatorEvent[];
}

/** The queue at one SPP. */
export interface SppSummary {
  spp: string;
  /** The site that it changes, and since when. */
  site?: string;
  since?: string;
  /** Set where a change of another rollout holds it. */
  isTaken?: true;
  /** Until when it rests after a change. */
  coolDownUntil?: string;
  /** The sites that wait for it, the next one first. */
  waiting: string[];
}

export interface BudgetSummary {
  failed: number;
  unknown: number;
  unreachable: number;
  perWave: number;
  total: number;
  /** How many sites may be in work now, and without any failure. */
  parallelism: { now: number; of: number };
}

/** The summary of a rollout, from its record and its state alone. */
export function summaryOf({ id, createdAt }: RolloutRecord, state: RolloutState): RolloutSummary {
  const { plan, status, startedAt, endedAt, hold, operatorEvents } = state;
  const all = [...state.sites.values()];
  const approval = awaitedId(id, state);
  const number = Math.min(state.wave + 1, plan.waves.length);
  const byWave = plan.waves.map(({ name, sites }) => ({
    name,
    sites: sites.length,
    ...countsOf(sites.flatMap((site) => state.sites.get(site) ?? [])),
  }));
  return {
    id,
    status,
    // Before a worker takes it, a rollout has no event.
    startedAt: iso(startedAt || createdAt),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    wave: { name: plan.waves[number - 1]?.name ?? "", number, of: plan.waves.length, phase: state.phase },
    ...(hold ? { hold } : {}),
    ...(approval === undefined ? {} : { approval }),
    counts: countsWithFrozen(all, plan.frozen),
    waves: byWave,
    toApprove: hold?.kind === "approval" ? announcedIn(unapprovedSites(state, hold.wave)) : [],
    ...(plan.onFailure === "continue" ? { budget: budgetOf(state) } : {}),
    spps: status === "running" ? sppQueues(state, all) : [],
    sites: all.map((site) => siteSummary(state, site)),
    frozen: plan.frozen,
    frozenReasons: plan.frozenReasons ?? {},
    operatorEvents,
  };
}

/** The message of a run with a remedy that is possible now: sites of a rollout that ends cannot be retried. */
export function messageNow(state: RolloutState, message: string): string {
  return isEnding(state) ? message.replace(/\bretry the site\b/g, "start a new rollout for the site") : message;
}

function siteSummary(state: RolloutState, { site, wave, status, phase, attempt, runs }: SiteState): SiteSummary {
  const { message, code } = runs.at(-1)?.result ?? {};
  return {
    name: site.name,
    stack: site.stack,
    spp: site.spp,
    wave: state.plan.waves[wave]?.name ?? "",
    status,
    phase,
    attempt,
    ...(message === undefined ? {} : { message: messageNow(state, message) }),
    ...(code === undefined ? {} : { code }),
  };
}

function announcedIn(checked: readonly SiteState[]): Shared<string[]>[] {
  return foldSurvey(
    checked.map(({ site, announced }) => {
      return { site, outcome: "done", isNew: false, changes: announced?.changes ?? [], messages: [] };
    }),
  ).changes;
}

function budgetOf(state: RolloutState): BudgetSummary {
  const { failureBudget, parallelism } = state.plan;
  const count = (status: SiteStatus) => [...state.unsolved].filter((name) => state.sites.get(name)?.status === status);
  return {
    failed: count("failed").length,
    unknown: count("unknown").length,
    unreachable: count("unreachable").length,
    ...failureBudget,
    parallelism: { now: parallelismOf(state), of: parallelism },
  };
}

function sppQueues(state: RolloutState, all: readonly SiteState[]): SppSummary[] {
  const queues = new Map<string, SppSummary>();
  const queueOf = (spp: string) => queues.get(spp) ?? queues.set(spp, { spp, waiting: [] }).get(spp);
  for (const { site, status, phase, since } of all)
    if (status === "running" && phase === "apply")
      Object.assign(queueOf(site.spp) ?? {}, { site: site.name, since: iso(since) });
  for (const { site, status, wave } of all)
    if (status === "checked" && wave <= state.wave) queueOf(site.spp)?.waiting.push(site.name);
  for (const queue of queues.values()) {
    const until = state.coolDowns.get(queue.spp);
    if (until !== undefined && queue.site === undefined) queue.coolDownUntil = iso(until);
  }
  return [...queues.values()];
}

function countsOf(sites: readonly SiteState[]): Counts {
  const counts = Object.fromEntries(SITE_STATUSES.map((status) => [status, 0])) as Counts;
  for (const { status } of sites) counts[status] += 1;
  return counts;
}

/** Sites that the definition freezes are in no wave. */
function countsWithFrozen(all: readonly SiteState[], frozen: readonly string[]): Counts {
  const counts = countsOf(all);
  return { ...counts, frozen: counts.frozen + frozen.length };
}

const iso = (time: number) => new Date(time).toISOString();
