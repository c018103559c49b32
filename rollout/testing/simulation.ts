import { advance } from "../machine/advance";
import { awaitedApproval } from "../machine/approval";
import type { OperatorEvent, RolloutEvent, SiteResult, SiteRun } from "../machine/events";
import { newState, type RolloutState } from "../machine/state";
import type { SiteDefinition } from "../plan/definition";
import { type Plan, planOf } from "../plan/plan";
import { checkDefinition } from "../plan/validate";

/** A plan of sites `site-0`, `site-1` and so on, divided among SPPs. For tests. */
export function planFor(count: number, settings: object = {}, spps = 1): Plan {
  const sites: SiteDefinition[] = Array.from({ length: count }, (_, n) => ({
    name: `site-${n}`,
    spp: `spp-${n % spps}`,
  }));
  const checked = checkDefinition({ name: "test", program: ".", sites, ...settings });
  if (!checked.ok) throw new Error(checked.problems.join("\n"));
  const planned = planOf(checked.value, sites);
  if (!planned.ok) throw new Error(planned.problems.join("\n"));
  return { ...planned.plan, fingerprint: "first" };
}

/** A rollout without workers: runs end when the test says so. */
export class Simulation {
  readonly state: RolloutState;
  readonly events: RolloutEvent[] = [];
  /** Runs that started and did not end yet. */
  readonly inWork = new Map<string, SiteRun>();
  now: number;

  constructor(plan: Plan, startsAt = 0) {
    this.now = startsAt;
    this.state = newState(plan);
    this.send({ type: "started", at: this.now, by: "test" });
  }

  send(event: RolloutEvent): string[] {
    this.events.push(event);
    const runs = advance(this.state, event);
    for (const run of runs) this.inWork.set(run.site, run);
    return runs.map(({ site, phase, attempt }) => `${phase} ${site}${attempt > 1 ? ` #${attempt}` : ""}`);
  }

  operator(type: OperatorEvent["type"], site = ""): string[] {
    const more = type === "approved" ? { approves: awaitedApproval(this.state) } : site ? { site } : {};
    return this.send({ type, at: this.now, by: "ada", reason: "test", ...more } as OperatorEvent);
  }

  tick(seconds: number): string[] {
    this.now += seconds * 1000;
    return this.send({ type: "tick", at: this.now });
  }

  /** Ends a run after a second. */
  finish(site: string, result: SiteResult = { outcome: "done" }): string[] {
    const run = this.inWork.get(site);
    if (!run) throw new Error(`${site} is not in work`);
    this.inWork.delete(site);
    const startedAt = this.now;
    this.now += 1000;
    const { phase, attempt } = run;
    return this.send({ type: "finished", at: this.now, startedAt, worker: "w", site, phase, attempt, result });
  }

  /** Ends all runs, and those that they start, without a failure. */
  finishAll(): void {
    for (let [site] = this.inWork.keys(); site !== undefined; [site] = this.inWork.keys()) this.finish(site);
  }
}
