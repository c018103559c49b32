import { differences } from "../../core/difference";
import type { Platforms } from "../../router/platform";
import type { PropertyChange } from "../operations";
import { plannedRules } from "./preview";
import type { RouterRedirectionChecked, RouterRedirectionState } from "./schema";
import { inputsOf, platformOf } from "./state";

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
