import { differences, isAccessOnly } from "../../core/difference";
import { UNKNOWN } from "../../core/unknown";
import type { PropertyChange } from "../operations";
import { type SppJoinKnown, type SppJoinState, sppJoinSchema } from "./schema";
import { inputsOf, outputsOf } from "./state";

/** Inputs that control the operation, not the join itself: a change touches no appliance. */
const RECORD_ONLY = /^(onDelete|preflight|acknowledge)(\.|\[|$)/;
/** Inputs that matter only while the join is made. */
const WITHOUT_EFFECT = /^(backups|detail)(\.|\[|$)/;

/** Differences from the recorded inputs; an incomplete join differs by its health or phase. */
export function diff(_id: string, olds: SppJoinState, news: SppJoinKnown): PropertyChange[] {
  const changes: PropertyChange[] = differences(inputsOf(olds), inputsOf(news))
    .filter(({ path }) => !WITHOUT_EFFECT.test(path))
    // Every update of the cluster hides its id from the preview, and no update changes it.
    .filter(
      ({ path }) => path !== "clusterId" || olds.clusterId === undefined || (news.clusterId as unknown) !== UNKNOWN,
    )
    .map((difference) => ({ ...difference, replaces: false }));
  const { health, phase } = outputsOf(olds);
  if (health !== "joined") changes.push({ path: "health", kind: "update", replaces: false });
  if (phase !== "verified") changes.push({ path: "phase", kind: "update", replaces: false });
  return changes;
}

/** Whether a change concerns the state alone. An incomplete join can also be forgotten. */
export function isRecordOnly(changes: readonly PropertyChange[], news: SppJoinKnown): boolean {
  const paths = changes.map(({ path }) => path);
  const isGivenUp = news.onDelete !== "refuse" && paths.includes("onDelete");
  const rest = isGivenUp ? paths.filter((path) => path !== "health" && path !== "phase") : paths;
  return rest.length > 0 && rest.every((path) => isAccessOnly([path], sppJoinSchema) || RECORD_ONLY.test(path));
}

/** Whether the recorded join has to be repaired. */
export function isIncomplete(changes: readonly PropertyChange[]): boolean {
  return changes.some(({ path }) => path === "health" || path === "phase");
}
