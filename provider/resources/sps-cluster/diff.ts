import { differences, pick } from "../../core/difference";
import type { PropertyChange } from "../operations";
import { plannedSteps } from "./plan";
import { INPUT_KEYS, type SpsClusterKnown, type SpsClusterState } from "./schema";

/** Differences from the state: changed inputs, and steps whose outcome the last refresh did not find. */
export function diff(_id: string, olds: SpsClusterState, news: SpsClusterKnown): PropertyChange[] {
  const changes: PropertyChange[] = differences(pick(olds, INPUT_KEYS), pick(news, INPUT_KEYS)).map((difference) => ({
    ...difference,
    replaces: false,
  }));
  const steps = plannedSteps(news);
  const isAsPlanned = Array.isArray(steps) && steps.every((step) => olds.steps.includes(step));
  if (changes.length === 0 && !isAsPlanned) changes.push({ path: "steps", kind: "update", replaces: false });
  return changes;
}
