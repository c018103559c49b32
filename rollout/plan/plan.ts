import type { CanaryDefinition, Definition, SiteDefinition, WaveDefinition, Window } from "./definition";
import { sppAddress } from "./spp-address";
import { windowMinutes } from "./window-length";

/** What holds a wave back: before its first site, at each site, and after its last one. */
export interface Gates {
  approval: boolean;
  soakSeconds: number;
  window?: Window;
  /** Whether each site is examined after the soak time. */
  doctor?: boolean;
  /** How long each site is watched for traffic after the soak time. */
  trafficSeconds?: number;
}

export interface PlannedWave {
  name: string;
  /** Names of its sites, in the order in which they start. */
  sites: string[];
  gates: Gates;
}

export interface PlannedSite {
  name: string;
  stack: string;
  /** The address of its SPP, in its one spelling. */
  spp: string;
  labels: Record<string, string>;
}

/**
 * A rollout that can run: plain data without any value of configuration, because it is stored in the database and shown in
 * reports.
 */
export interface Plan {
  name: string;
  waves: PlannedWave[];
  /** The sites of all waves, by name. */
  sites: Record<string, PlannedSite>;
  /** Names of the sites that are never touched. */
  frozen: string[];
  /** Why they are frozen, by name, where the definition says so. */
  frozenReasons?: Record<string, string>;
  parallelism: number;
  /** How long an SPP rests after a change. */
  coolDownSeconds: number;
  /** How long a change usually takes, as long as too few changes of the rollout show it. */
  changeSeconds: number;
  /** How many sites may be joined in waves without an approval gate, as whoever started the rollout has accepted; default 0. */
  acceptedJoins?: number;
  onFailure: Definition["onFailure"];
  failureBudget: { perWave: number; total: number };
  /** Changes with everything that decides what a site gets: definition, program and configuration. */
  fingerprint: string;
}

export type Planned = { ok: true; plan: Omit<Plan, "fingerprint"> } | { ok: false; problems: string[] };

/** Divides the sites into waves. Pure. Every problem is a sentence with its path and its remedy. */
export function planOf(definition: Definition, sites: readonly SiteDefinition[]): Planned {
  const problems = [...siteProblems(sites), ...settingProblems(definition)];
  if (problems.length > 0) return { ok: false, problems };

  const active = sites.filter(({ frozen }) => !frozen);
  const remaining = new Map(active.map((site) => [site.name, site]));
  const waves: PlannedWave[] = [];
  const add = (name: string, chosen: readonly SiteDefinition[], gates: CanaryDefinition | WaveDefinition): void => {
    for (const site of chosen) remaining.delete(site.name);
    waves.push({ name, sites: chosen.map((site) => site.name), gates: gatesOf(gates) });
  };

  if (definition.canary) {
    const { chosen, problem } = canarySites(definition.canary, sites, remaining);
    if (problem) problems.push(problem);
    add("canary", chosen, definition.canary);
  }
  const given = definition.waves ?? [{ rest: true } as WaveDefinition];
  for (const [n, wave] of given.entries()) {
    const chosen = waveSites(wave, [...remaining.values()], active.length);
    // The default wave may be empty, for example behind a canary of all sites.
    if (chosen.length === 0 && !definition.waves) continue;
    if (chosen.length === 0)
      problems.push(`waves[${n}]: no site is left for this wave; remove it or change its selection.`);
    add(wave.name ?? `wave-${n + 1}`, chosen, wave);
  }
  problems.push(
    ...duplicates(waves.map(({ name }) => name)).map((name) => `waves: two waves have the name ${name}; rename one.`),
  );
  if (remaining.size > 0)
    problems.push(`waves: ${named([...remaining.keys()])} in no wave; add a wave with rest: true at the end.`);
  if (active.length === 0) problems.push("sites: all sites are frozen; remove frozen from the sites to roll out.");
  if (problems.length > 0) return { ok: false, problems };

  return {
    ok: true,
    plan: {
      name: definition.name,
      waves,
      sites: Object.fromEntries(active.map((site) => [site.name, plannedSite(site)])),
      frozen: sites.filter(({ frozen }) => frozen).map(({ name }) => name),
      frozenReasons: Object.fromEntries(
        sites.flatMap(({ name, frozenReason }) => (frozenReason === undefined ? [] : [[name, frozenReason]])),
      ),
      parallelism: definition.parallelism,
      coolDownSeconds: definition.coolDownSeconds,
      changeSeconds: definition.changeSeconds,
      onFailure: definition.onFailure,
      failureBudget: definition.failureBudget ?? { perWave: 0, total: 0 },
    },
  };
}

function plannedSite({ name, stack, spp, labels }: SiteDefinition): PlannedSite {
  return { name, stack: stack ?? name, spp: sppAddress(spp), labels: labels ?? {} };
}

function gatesOf(given: CanaryDefinition | WaveDefinition): Gates {
  const { approval = false, soakSeconds = 0, window, doctor, trafficSeconds } = given;
  return {
    approval,
    soakSeconds,
    ...(window ? { window } : {}),
    ...(doctor ? { doctor } : {}),
    ...(trafficSeconds === undefined ? {} : { trafficSeconds }),
  };
}

function canarySites(
  { sites: names, count }: CanaryDefinition,
  all: readonly SiteDefinition[],
  remaining: ReadonlyMap<string, SiteDefinition>,
): { chosen: SiteDefinition[]; problem?: string } {
  if (!names) return { chosen: [...remaining.values()].slice(0, count) };
  const chosen = [...new Set(names)].flatMap((name) => remaining.get(name) ?? []);
  const missing = names.find((name) => !remaining.has(name));
  if (missing === undefined) return { chosen };
  const reason = all.some(({ name }) => name === missing) ? "is frozen" : "is not in sites";
  return { chosen, problem: `canary.sites: ${missing} ${reason}; remove it or correct its name.` };
}

function waveSites(
  { label, count, percent }: WaveDefinition,
  remaining: readonly SiteDefinition[],
  total: number,
): SiteDefinition[] {
  if (count !== undefined) return remaining.slice(0, count);
  if (percent !== undefined) return remaining.slice(0, Math.ceil((total * percent) / 100));
  if (label === undefined) return [...remaining];
  const [key = "", value] = label.split("=");
  return remaining.filter(({ labels }) => labels?.[key] === value);
}

function siteProblems(sites: readonly SiteDefinition[]): string[] {
  const names = duplicates(sites.map(({ name }) => name));
  // Sites of one name have one stack, which is no mistake of its own.
  const stacks = duplicates(sites.map(({ name, stack }) => stack ?? name)).filter((stack) => !names.includes(stack));
  return [
    ...names.map((name) => `sites: two sites have the name ${name}; rename one.`),
    ...stacks.map((stack) => `sites: two sites have the stack ${stack}; give each site a stack of its own.`),
  ];
}

function settingProblems({ canary, waves, changeSeconds }: Definition): string[] {
  const problems: string[] = [];
  for (const [path, window] of [
    ["canary", canary?.window] as const,
    ...(waves ?? []).map((wave, n) => [`waves[${n}]`, wave.window] as const),
  ]) {
    if (!window) continue;
    if (window.from === window.to)
      problems.push(`${path}.window: from and to are both ${window.from}; set a later time.`);
    else if (windowMinutes(window) * 60 < 2 * changeSeconds)
      problems.push(
        `${path}.window: it is open for ${windowMinutes(window)} min, and a change with its rollback takes ${minutesText(2 * changeSeconds)}; open it for longer, or set changeSeconds to how long a change takes.`,
      );
    if (window.timezone !== undefined && !isTimezone(window.timezone))
      problems.push(
        `Invalid value for ${path}.window.timezone: ${window.timezone}. Allowed values are: IANA time zones such as Europe/Berlin.`,
      );
  }
  return problems;
}

/** A duration in minutes, such as `20 min` or `2.5 min`. */
export const minutesText = (seconds: number) => `${Math.round(seconds / 6) / 10} min`;

function isTimezone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    // The only way to ask is to use it.
    return false;
  }
}

function duplicates(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = names.filter((name) => seen.size === seen.add(name).size);
  return [...new Set(twice)];
}

/** `site a is`, or `sites a, b and 3 more are`. */
function named(names: readonly string[]): string {
  if (names.length === 1) return `site ${names[0]} is`;
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return `sites ${names.slice(0, 3).join(", ")}${more} are`;
}
