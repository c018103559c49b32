import { type Difference, differences, differingPaths, isAccessOnly } from "../../core/difference";
import { UNKNOWN, type Unknown } from "../../core/unknown";
import type { Platforms } from "../../router/platform";
import type { PropertyChange } from "../operations";
import { APPLY_OPTION_KEYS, inputSchemaOf, type RouterRedirectionChecked, type RouterRedirectionState } from "./schema";
import { inputsOf, plannedRules, platformOf } from "./state";

/** Whether an update contacts the router: not for credentials and apply options alone, while the router is in sync. */
export function isRouterAffected(
  platforms: Platforms,
  olds: RouterRedirectionState,
  news: RouterRedirectionChecked,
): boolean {
  const platform = platformOf(platforms, olds);
  if (olds.unfinished || olds.rules.length === 0 || news.platform !== platform.name) return true;
  if (news.router === UNKNOWN || !platform.isSameRouter(olds.router, news.router)) return true;
  const paths = differingPaths(inputsOf(platform, olds), inputsOf(platform, news)).filter(
    (path) => !APPLY_OPTION_KEYS.includes(path.split(/[.[]/)[0] ?? ""),
  );
  const rules = plannedRules(platform, news);
  return (
    !isAccessOnly(paths, inputSchemaOf(platform)) || rules === UNKNOWN || rules.join("\n") !== olds.rules.join("\n")
  );
}

/** Compares canonical inputs, and the wanted rules with the rules last read. Pure. */
export function diff(
  platforms: Platforms,
  olds: RouterRedirectionState,
  news: RouterRedirectionChecked,
): PropertyChange[] {
  const platform = platformOf(platforms, olds);
  const isSamePlatform = news.platform === platform.name;
  const after = isSamePlatform ? inputsOf(platform, news) : news;
  const changes: Difference[] = [
    ...inputDifferences(inputsOf(platform, olds), after),
    ...(isSamePlatform ? ruleDifferences(olds.rules, plannedRules(platform, news)) : []),
    ...(olds.unfinished ? [{ path: "unfinished", kind: "update" } as const] : []),
  ];
  return changes.map((change) => ({ ...change, replaces: false }));
}

/** Compares redirections by name, so that an added or removed one does not change the others. */
function inputDifferences(before: Record<string, unknown>, after: Record<string, unknown>): Difference[] {
  const [olds, news] = [namesOf(before.redirections), namesOf(after.redirections)];
  if (!olds || !news) return differences(before, after);
  const keyed = (inputs: Record<string, unknown>, names: readonly string[]) => {
    const list = inputs.redirections as readonly unknown[];
    return { ...inputs, redirections: Object.fromEntries(names.map((name, index) => [name, list[index]])) };
  };
  return differences(keyed(before, olds), keyed(after, news)).map(({ path, kind }) => ({
    path: path.replace(/^redirections\.([a-z0-9-]+)/, (_, name: string) => {
      return `redirections[${news.includes(name) ? news.indexOf(name) : olds.indexOf(name)}]`;
    }),
    kind,
  }));
}

function namesOf(redirections: unknown): string[] | undefined {
  if (!Array.isArray(redirections)) return undefined;
  const names = redirections.map((one: unknown) => (one === UNKNOWN ? UNKNOWN : (one as { name: unknown }).name));
  return names.every((name) => typeof name === "string") ? names : undefined;
}

/** Compares rules as lines: a line that both lists have is no change, wherever it is. */
function ruleDifferences(before: readonly string[], after: readonly string[] | Unknown): Difference[] {
  if (after === UNKNOWN) return [{ path: "rules", kind: "update" }];
  const { removed, added } = changedLines(before, after);
  if (removed.length + added.length === 0) {
    return before.join("\n") === after.join("\n") ? [] : [{ path: "rules", kind: "update" }];
  }
  const gone = removed.map((line) => before.indexOf(line));
  const made = added.map((line) => after.indexOf(line));
  return [...new Set([...gone, ...made])]
    .sort((left, right) => left - right)
    .map((index) => {
      const [isGone, isMade] = [gone.includes(index), made.includes(index)];
      return { path: `rules[${index}]`, kind: isGone && isMade ? "update" : isMade ? "add" : "delete" };
    });
}

/** The lines that only one of two lists has. */
export function changedLines(before: readonly string[], after: readonly string[]) {
  return {
    removed: before.filter((line) => !after.includes(line)),
    added: after.filter((line) => !before.includes(line)),
  };
}
