import type { OperationContext } from "../../core/context";
import { differingPaths, isAccessOnly } from "../../core/difference";
import { SafeguardError } from "../../core/errors";
import { hasUnknown } from "../../core/unknown";
import { observeJoin } from "../../join/sides";
import type { Difference, Operations } from "../operations";
import { bring, withBoth } from "./bring";
import { check } from "./check";
import { remove } from "./delete";
import { addressesOf, movementOf } from "./movement";
import { type Obstacles, proveRequest } from "./preflight";
import type { SppJoinKnown, SppJoinState } from "./schema";
import { inputsOf, outputsOf, toState } from "./state";

/**
 * The join of an SPS cluster to SPP. It cannot be undone, so deleting is refused unless it was asked for before. Its id
 * is the address of the SPS node at creation.
 */
export const sppJoin: Operations<SppJoinKnown, SppJoinState> = {
  check,
  diff,
  foresee,
  create,
  read,
  update,
  delete: remove,
};

/** Inputs that say how to go about the join, not what it is: a change of them touches no appliance. */
const RECORD_ONLY = /^(onDelete|preflight|acknowledge)(\.|\[|$)/;
/** Inputs that matter only while a join is made, and what is derived from them. */
const WITHOUT_EFFECT = /^(backups|steps)(\.|\[|$)/;

async function diff(_id: string, olds: SppJoinState, news: SppJoinKnown): Promise<Difference> {
  const paths = differingPaths(inputsOf(olds), news).filter((path) => !WITHOUT_EFFECT.test(path));
  const { health, phase } = outputsOf(olds);
  if (health !== "joined") paths.push("health");
  if (phase !== "verified") paths.push("phase");
  return { changes: paths.length > 0, paths };
}

/** Proves the update of a recorded join that is not whole; the check has no state and takes it for one. */
async function foresee(id: string, olds: SppJoinState, news: SppJoinKnown, context: OperationContext): Promise<void> {
  const { paths } = await diff(id, olds, news);
  const isWhole = !paths.includes("health") && !paths.includes("phase");
  if (isWhole || isRecordOnly(paths, news)) return;
  // What is not known yet the update proves; of a join that moves the check has told already.
  if (hasUnknown(news) || movementOf({ ...olds }, addressesOf(news))) return;
  const { unacknowledged, failures } = await proveIfPossible(news, context);
  const failed = failures.length === 1 ? "the check shown fails" : `the ${failures.length} checks shown fail`;
  const obstacles = [...(failures.length > 0 ? [failed] : []), ...(unacknowledged ? [unacknowledged] : [])];
  if (obstacles.length === 0) return;
  const { sps, spp } = olds;
  const found = `sps ${sps.address}: the recorded join to spp ${spp.address} is ${outputsOf(olds).health}`;
  // Not refused: where both sides go on by themselves, the update has only to wait for them.
  context.log.warn(`${found}; a new join request of the update would be refused: ${obstacles.join("; ")}`);
}

/** A look that failed may do better in the update, which takes another. */
async function proveIfPossible(news: SppJoinKnown, context: OperationContext): Promise<Obstacles> {
  try {
    return await proveRequest(news, undefined, false, context);
  } catch (error) {
    if (!(error instanceof SafeguardError)) throw error;
    return { unacknowledged: error.text.cause, failures: [] };
  }
}

async function create(inputs: SppJoinKnown, context: OperationContext): Promise<{ id: string; state: SppJoinState }> {
  const id = inputs.sps.address;
  return { id, state: await bring(id, inputs, undefined, context) };
}

async function update(
  id: string,
  olds: SppJoinState,
  news: SppJoinKnown,
  context: OperationContext,
): Promise<{ state: SppJoinState }> {
  const { paths } = await diff(id, olds, news);
  if (isRecordOnly(paths, news)) return { state: toState(news, outputsOf(olds)) };
  return { state: await bring(id, news, olds, context) };
}

/** Whether a change concerns the record alone. To be given up, a join need not be whole. */
function isRecordOnly(paths: readonly string[], news: SppJoinKnown): boolean {
  const isGivenUp = news.onDelete !== "refuse" && paths.includes("onDelete");
  const rest = isGivenUp ? paths.filter((path) => path !== "health" && path !== "phase") : paths;
  return rest.length > 0 && rest.every((path) => isAccessOnly([path]) || RECORD_ONLY.test(path));
}

async function read(id: string, state: SppJoinState, context: OperationContext) {
  const inputs = inputsOf(state);
  const { outputs, forbidden } = await withBoth(inputs, context, observeJoin);
  if (forbidden.length > 0) {
    context.log.warn(`sps ${inputs.sps.address}: not allowed to read ${forbidden.join(", ")}`);
  }
  // Gone only if both sides say so: a one-sided join is drift that a person has to look at.
  if (!outputs.spp.listed && !outputs.sps.joined && forbidden.length === 0) return undefined;
  const between = `sps ${inputs.sps.address}: the join to spp ${inputs.spp.address}`;
  if (outputs.health !== "joined") context.log.warn(`${between} is ${outputs.health} now`);
  for (const drift of outputs.drift) context.log.warn(`${between}: ${drift}`);
  return { id, state: toState(inputs, { ...outputsOf(state), ...outputs }), inputs: { ...inputs } };
}
