import type { TurnsAtSpp } from "../database/changes";
import type { SppSummary } from "./summary";

/** What other rollouts do at the SPPs of a rollout, and what the database knows of their turns. */
export interface SppFacts {
  turns: readonly TurnsAtSpp[];
  /** The SPPs at which another rollout has a change in work. */
  takenByOthers: ReadonlySet<string>;
  /** In milliseconds since 1970. */
  now: number;
}

/**
 * The queues of a rollout at its SPPs as they are: its journal says which site is next, but not whether its change has begun. It may still
 * wait for a change of another rollout, or for the rest after one. Pure.
 */
export function sppTurns(spps: readonly SppSummary[], { turns, takenByOthers, now }: SppFacts): SppSummary[] {
  const turnAt = new Map(turns.map((turn) => [turn.spp, turn]));
  return spps.map((queue) => {
    const { site, since, coolDownUntil, ...rest } = queue;
    const { begun = [], restsUntil = 0 } = turnAt.get(queue.spp) ?? {};
    if (site !== undefined && begun.includes(site)) return queue;
    const isTaken = takenByOthers.has(queue.spp) || undefined;
    const until = Math.max(restsUntil, coolDownUntil === undefined ? 0 : Date.parse(coolDownUntil));
    const isResting = !isTaken && until > now;
    if (!isTaken && !isResting) return site === undefined ? { ...rest } : queue;
    const waiting = site === undefined ? queue.waiting : [site, ...queue.waiting];
    return {
      ...rest,
      ...(isTaken && { isTaken }),
      ...(isResting && { coolDownUntil: new Date(until).toISOString() }),
      waiting,
    };
  });
}
