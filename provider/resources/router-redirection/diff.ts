import { differences } from "../../core/difference";
import type { PropertyChange } from "../operations";
import { plannedRules } from "./preview";
import { inputsOf, type RouterRedirectionKnown, type RouterRedirectionState } from "./schema";

/** Compares canonical inputs, and the rules wanted with the rules last read. */
export function diff(_id: string, olds: RouterRedirectionState, news: RouterRedirectionKnown): PropertyChange[] {
  const before = { ...inputsOf(olds), rules: olds.rules };
  const changes: PropertyChange[] = differences(before, { ...inputsOf(news), rules: plannedRules(news) }).map(
    (difference) => ({ ...difference, replaces: false }),
  );
  if (olds.unfinished) changes.push({ path: "unfinished", kind: "update", replaces: false });
  return changes;
}
