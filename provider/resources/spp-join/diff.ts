import { differingPaths, isAccessOnly } from "../../core/difference";
import type { Difference } from "../operations";
import { type SppJoinKnown, type SppJoinState, sppJoinSchema } from "./schema";
import { inputsOf, outputsOf } from "./state";

/** Inputs that say how to go about the join, not what it is: a change of them touches no appliance. */
const RECORD_ONLY = /^(onDelete|preflight|acknowledge)(\.|\[|$)/;
/** Inputs that matter only while a join is made, and what is derived from them. */
const WITHOUT_EFFECT = /^(backups|steps)(\.|\[|$)/;

/** What differs from the record; a join that is not whole differs by how it stands. */
export async function diff(_id: string, olds: SppJoinState, news: SppJoinKnown): Promise<Difference> {
  const paths = differingPaths(inputsOf(olds), news).filter((path) => !WITHOUT_EFFECT.test(path));
  const { health, phase } = outputsOf(olds);
  if (health !== "joined") paths.push("health");
  if (phase !== "verified") paths.push("phase");
  return { changes: paths.length > 0, paths };
}

/** Whether a change concerns the record alone. To be given up, a join need not be whole. */
export function isRecordOnly(paths: readonly string[], news: SppJoinKnown): boolean {
  const isGivenUp = news.onDelete !== "refuse" && paths.includes("onDelete");
  const rest = isGivenUp ? paths.filter((path) => path !== "health" && path !== "phase") : paths;
  return rest.length > 0 && rest.every((path) => isAccessOnly([path], sppJoinSchema) || RECORD_ONLY.test(path));
}
