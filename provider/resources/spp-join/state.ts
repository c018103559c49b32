import { pick } from "../../core/difference";
import { NOTHING_READ as NOTHING_SEEN } from "../../join/outputs";
import { INPUT_KEYS, type SppJoinKnown, type SppJoinOutputs, type SppJoinState, sppJoinOutputs } from "./schema";

const OUTPUT_KEYS = Object.keys(sppJoinOutputs.shape);

/** Outputs before the first read of both appliances. */
export const NOTHING_READ: SppJoinOutputs = { ...NOTHING_SEEN, steps: [] };

/** The inputs to record, from a state or from the inputs of a program. */
export function inputsOf(state: SppJoinKnown): SppJoinKnown {
  return pick(state, INPUT_KEYS) as unknown as SppJoinKnown;
}

/** The outputs in a state. */
export function outputsOf(state: SppJoinState): SppJoinOutputs {
  return pick(state, OUTPUT_KEYS) as SppJoinOutputs;
}
