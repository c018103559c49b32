import type { OperationContext } from "../../core/context";
import { differingPaths, isAccessOnly } from "../../core/difference";
import { SafeguardError } from "../../core/errors";
import { hasUnknown } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { observeJoin } from "../../join/sides";
import { findSessionModule } from "../../spp/session-modules";
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

/**
 * Proves the update of a recorded join that is not whole; the check has no state and takes it for one.
 * @throws SafeguardError SG2119 when a login is refused, which no update can pass
 */
async function foresee(id: string, olds: SppJoinState, news: SppJoinKnown, context: OperationContext): Promise<void> {
  const { paths } = await diff(id, olds, news);
  const isWhole = !paths.includes("health") && !paths.includes("phase");
  if (isWhole || isRecordOnly(paths, news)) return;
  // What is not known yet the update proves; of a join that moves the check has told already.
  if (hasUnknown(news) || movementOf({ ...olds }, addressesOf(news))) return;
  const { unacknowledged, failures } = await proveIfPossible(news, context);
  const refused = failures.filter(({ reason }) => REFUSED_LOGIN.test(reason));
  if (refused.length > 0) throw loginRefused(news, refused);
  const failed = failures.length === 1 ? "the check shown fails" : `the ${failures.length} checks shown fail`;
  const obstacles = [...(failures.length > 0 ? [failed] : []), ...(unacknowledged ? [unacknowledged] : [])];
  if (obstacles.length === 0) return;
  const { sps, spp } = olds;
  const found = `sps ${sps.address}: the recorded join to spp ${spp.address} is ${outputsOf(olds).health}`;
  // Not refused: where both sides go on by themselves, the update has only to wait for them.
  context.log.warn(`${found}; a new join request of the update would be refused: ${obstacles.join("; ")}`);
}

/** Codes of a login that was refused; each further try counts towards the lock of the account. */
const REFUSED_LOGIN = /\[SG(1013|200[123])\]$/;

function loginRefused({ sps }: SppJoinKnown, failures: readonly InputFailure[]): SafeguardError {
  return new SafeguardError({
    code: "SG2119",
    object: `sps ${sps.address}`,
    step: "prove",
    cause: `the update would fail: ${failures.map(({ reason }) => reason).join("; ")}`,
    remedy: "mend that, then run pulumi up again; nothing was sent",
  });
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
  const { nodeId } = outputsOf(state);
  const { outputs, forbidden, isLeft } = await withBoth(inputs, context, async (sps, spp) => {
    const seen = await observeJoin(sps, spp);
    const isOther = nodeId !== "" && nodeId.toLowerCase() !== seen.outputs.nodeId.toLowerCase();
    return { ...seen, isLeft: isOther && (await findSessionModule(spp, nodeId)) !== undefined };
  });
  if (forbidden.length > 0) {
    context.log.warn(`sps ${inputs.sps.address}: not allowed to read ${forbidden.join(", ")}`);
  }
  // Gone only if both sides say so: a one-sided join is drift that a person has to look at.
  const isGone = !outputs.spp.listed && !outputs.sps.joined && forbidden.length === 0;
  if (isGone && isLeft) throw otherNode(inputs, nodeId, outputs.nodeId);
  if (isGone) return undefined;
  const between = `sps ${inputs.sps.address}: the join to spp ${inputs.spp.address}`;
  if (outputs.health !== "joined") context.log.warn(`${between} is ${outputs.health} now`);
  for (const drift of outputs.drift) context.log.warn(`${between}: ${drift}`);
  return { id, state: toState(inputs, { ...outputsOf(state), ...outputs }), inputs: { ...inputs } };
}

function otherNode({ sps, spp }: SppJoinKnown, recorded: string, found: string): SafeguardError {
  const who = found === "" ? "is in no cluster" : `has the node id ${found}`;
  return new SafeguardError({
    code: "SG2111",
    object: `sps ${sps.address}`,
    step: "read",
    cause: `the node that answers ${who}, and spp ${spp.address} still lists the joined one, ${recorded}`,
    remedy:
      "point sps.address at the joined node; if it is gone for good, remove its entry at Appliance Management > Cluster > Session Appliances on SPP, then refresh again",
  });
}
