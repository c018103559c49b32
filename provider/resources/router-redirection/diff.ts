import { differences, differingPaths, isAccessOnly } from "../../core/difference";
import { UNKNOWN } from "../../core/unknown";
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
  const before = { ...inputsOf(platform, olds), ...(isSamePlatform && { rules: olds.rules }) };
  const after = isSamePlatform ? { ...inputsOf(platform, news), rules: plannedRules(platform, news) } : news;
  const changes = differences(before, after).map((difference) => ({ ...difference, replaces: false }));
  if (olds.unfinished) changes.push({ path: "unfinished", kind: "update", replaces: false });
  return changes;
}
