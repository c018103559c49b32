import type { OperationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { isSameName } from "../../core/names";
import { observeJoin, withBoth } from "../../join/sides";
import { findSessionModule } from "../../spp/session-modules";
import type { Operations } from "../operations";
import { check } from "./check";
import { remove } from "./delete";
import { diff, isRecordOnly } from "./diff";
import { join } from "./join";
import { preview } from "./preview";
import type { SppJoinKnown, SppJoinState } from "./schema";
import { inputsOf, outputsOf } from "./state";

/**
 * The join of an SPS cluster to SPP. It cannot be undone, so deletion is refused unless `onDelete` allows it. Its id is the address of the
 * SPS node at creation.
 */
export const sppJoin: Operations<SppJoinKnown, SppJoinState> = {
  check,
  diff,
  preview,
  create,
  read,
  update,
  delete: remove,
};

async function create(inputs: SppJoinKnown, context: OperationContext): Promise<{ id: string; state: SppJoinState }> {
  const id = inputs.sps.address;
  return { id, state: await join(id, inputs, undefined, context) };
}

async function update(
  id: string,
  olds: SppJoinState,
  news: SppJoinKnown,
  context: OperationContext,
): Promise<{ state: SppJoinState }> {
  if (isRecordOnly(diff(id, olds, news), news)) return { state: { ...inputsOf(news), ...outputsOf(olds) } };
  return { state: await join(id, news, olds, context) };
}

async function read(id: string, state: SppJoinState, context: OperationContext) {
  const inputs = inputsOf(state);
  const { nodeId } = outputsOf(state);
  const { outputs, forbidden, isLeft } = await withBoth(inputs, context, async (sps, spp) => {
    const seen = await observeJoin(sps, spp);
    const isOther = nodeId !== "" && !isSameName(nodeId, seen.outputs.nodeId);
    return { ...seen, isLeft: isOther && (await findSessionModule(spp, nodeId)) !== undefined };
  });
  if (forbidden.length > 0) {
    context.log.warn(`sps ${inputs.sps.address}: not allowed to read ${forbidden.join(", ")}`);
  }
  // Gone only if both sides agree: a one-sided join is drift that needs a manual fix.
  const isGone = !outputs.sppStatus.listed && !outputs.spsStatus.joined && forbidden.length === 0;
  if (isGone && isLeft) throw otherNode(inputs, nodeId, outputs.nodeId);
  if (isGone) return undefined;
  const between = `sps ${inputs.sps.address}: the join to spp ${inputs.spp.address}`;
  if (outputs.health !== "joined") context.log.warn(`${between} is ${outputs.health} now`);
  for (const drift of outputs.drift) context.log.warn(`${between}: ${drift}`);
  return { id, state: { ...state, ...outputs }, inputs: { ...inputs } };
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
