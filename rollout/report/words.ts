import type { Outcome, Phase } from "../machine/events";

/* Words and short texts that the reports have in common. */

const NOUNS: Record<Phase, string> = { check: "check", apply: "change", verify: "verification" };

/** The noun of a phase. */
export const phaseText = (phase: Phase) => NOUNS[phase];
/** How a run ended, in one or two words. */
export const outcomeText = (outcome: Outcome) => OUTCOMES[outcome] ?? outcome;
const OUTCOMES: Partial<Record<Outcome, string>> = {
  changed: "not made, because program or definition differ from what was approved",
  deferred: "put off",
  outdated: "not made",
};
/** For example `1 site` or `12 sites`. */
export const siteCount = (count: number) => `${count} ${count === 1 ? "site" : "sites"}`;
/** How many sites are done, such as `1 of 2 sites done`. */
export const doneText = (done: number, of: number) => `${done} of ${siteCount(of)} done`;
/** A time to the second, in UTC. */
export const timeText = (time: string | number) => new Date(time).toISOString().slice(0, 19).replace("T", " ");

/** Frozen sites, each with its reason where one is known. */
export const frozenNames = (names: readonly string[], reasons: Readonly<Record<string, string>> = {}) =>
  names.map((name) => (reasons[name] === undefined ? name : `${name} (${reasons[name]})`));

/** The first names of a list, and how many more there are. */
export function listText(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return names.slice(0, 5).join(", ") + more;
}
