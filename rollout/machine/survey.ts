import type { PlannedSite } from "../plan/plan";
import { changeText, type PlannedChange } from "./changes";

/** What a preview or a refresh found at one site. */
export interface SurveyedSite {
  site: PlannedSite;
  /** `absent` when a refresh found no stack: the site is not rolled out yet. */
  outcome: "done" | "absent" | "failed" | "unknown" | "unreachable";
  /** Whether its stack does not exist yet. */
  isNew: boolean;
  changes: PlannedChange[];
  /** Why it failed, each cause in one line; empty when it did not. */
  messages: string[];
}

/** Text that several sites have in common, where `SITE` stands for the name of each. */
export interface Shared<T> {
  sites: string[];
  value: T;
}

export interface FoldedSurvey {
  /** Sites with identical changes, most sites first. Sites without any change are left out. */
  changes: Shared<string[]>[];
  /** Causes of failures, each once with its sites, most sites first. */
  causes: Shared<string>[];
  unchanged: string[];
  /** Sites that are not rolled out yet, which a refresh knows nothing about. */
  absent: string[];
}

/** Folds what is the same at several sites into one row. Pure. */
export function foldSurvey(surveyed: readonly SurveyedSite[]): FoldedSurvey {
  const good = surveyed.filter(({ outcome }) => outcome === "done");
  const changing = good.filter(({ changes }) => changes.length > 0);
  return {
    changes: shared(changing, ({ site, changes }) => [changes.map((one) => inGeneral(changeText(one), site))]),
    causes: shared(surveyed, ({ site, messages }) => messages.map((message) => inGeneral(message, site))),
    unchanged: good.filter(({ changes }) => changes.length === 0).map(({ site }) => site.name),
    absent: surveyed.filter(({ outcome }) => outcome === "absent").map(({ site }) => site.name),
  };
}

/** Texts about sites, identical ones once with their sites, most sites first. Pure. */
export function foldTexts(about: readonly { site: Named; text: string }[]): Shared<string>[] {
  return shared(about, ({ site, text }) => [inGeneral(text, site)]);
}

type Named = Pick<PlannedSite, "name" | "stack">;

function shared<T, One extends { site: Named } = SurveyedSite>(
  surveyed: readonly One[],
  valuesOf: (one: One) => T[],
): Shared<T>[] {
  const rows = new Map<string, Shared<T>>();
  for (const one of surveyed) {
    for (const value of valuesOf(one)) {
      const key = JSON.stringify(value);
      const row = rows.get(key) ?? { sites: [], value };
      row.sites.push(one.site.name);
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((left, right) => right.sites.length - left.sites.length);
}

/** A text in which the names of a site and of its stack are replaced by `SITE`. */
function inGeneral(text: string, { name, stack }: Named): string {
  return [stack, name].reduce((rest, own) => {
    const whole = new RegExp(`(?<![A-Za-z0-9])${own.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![A-Za-z0-9])`, "g");
    return rest.replace(whole, "SITE");
  }, text);
}
