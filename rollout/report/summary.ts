import type { RolloutRecord } from "../database/journal";
import type { OperatorEvent, Phase } from "../machine/events";
import type { Hold, RolloutState, SiteState, SiteStatus } from "../machine/state";

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
  counts: Counts & { frozen: number };
  waves: ({ name: string; sites: number } & Counts)[];
  /** SPPs with a change in work, and how many sites of this wave wait for each. */
  spps: { spp: string; site: string; waiting: number }[];
  sites: SiteSummary[];
  frozen: string[];
  operatorEvents: OperatorEvent[];
}

const STATUSES = ["waiting", "running", "checked", "done", "failed", "unknown", "unreachable", "skipped"] as const;

/** The summary of a rollout, from its record and its state alone. */
export function summaryOf({ id, createdAt }: RolloutRecord, state: RolloutState): RolloutSummary {
  const { plan, status, startedAt, endedAt, hold, operatorEvents } = state;
  const all = [...state.sites.values()];
  const number = Math.min(state.wave + 1, plan.waves.length);
  const byWave = plan.waves.map(({ name, sites }, index) => ({
    name,
    sites: sites.length,
    ...countsOf(all.filter(({ wave }) => wave === index)),
  }));
  return {
    id,
    status,
    // Before a worker takes it, a rollout has no event.
    startedAt: iso(startedAt || createdAt),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    wave: { name: plan.waves[number - 1]?.name ?? "", number, of: plan.waves.length, phase: state.phase },
    ...(hold ? { hold } : {}),
    counts: { ...countsOf(all), frozen: plan.frozen.length },
    waves: byWave,
    spps: sppsInWork(state, all),
    sites: all.map((site) => siteSummary(state, site)),
    frozen: plan.frozen,
    operatorEvents,
  };
}

function siteSummary({ plan }: RolloutState, { site, wave, status, phase, attempt, runs }: SiteState): SiteSummary {
  const { message, code } = runs.at(-1)?.result ?? {};
  return {
    name: site.name,
    stack: site.stack,
    spp: site.spp,
    wave: plan.waves[wave]?.name ?? "",
    status,
    phase,
    attempt,
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
  };
}

function sppsInWork(state: RolloutState, all: readonly SiteState[]): RolloutSummary["spps"] {
  const waiting = new Map<string, number>();
  for (const { site, status, wave } of all)
    if (status === "checked" && wave === state.wave) waiting.set(site.spp, (waiting.get(site.spp) ?? 0) + 1);
  return all
    .filter(({ status, phase }) => status === "running" && phase === "apply")
    .map(({ site: { name, spp } }) => ({ spp, site: name, waiting: waiting.get(spp) ?? 0 }));
}

function countsOf(sites: readonly SiteState[]): Counts {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Counts;
  for (const { status } of sites) counts[status] += 1;
  return counts;
}

const iso = (time: number) => new Date(time).toISOString();
