import { pick } from "../../core/difference";
import { NOTHING_RECORDED } from "../../join/progress";
import { type SppJoinKnown, type SppJoinOutputs, type SppJoinState, sppJoinSchema } from "./schema";

const INPUT_KEYS = Object.keys(sppJoinSchema.shape);

/** Outputs before anything could be read. */
export const NOTHING_READ: SppJoinOutputs = {
  ...NOTHING_RECORDED,
  nodeId: "",
  sppApplianceId: "",
  connectionId: 0,
  joinedAt: "",
  sps: { joined: false, version: "" },
  spp: {
    listed: false,
    trusted: false,
    connected: false,
    version: "",
    knownAs: [],
    certificateUserThumbprint: "",
    certificateExpiresAt: "",
  },
  policies: [],
  health: "not joined",
  drift: [],
  steps: [],
};

const OUTPUT_KEYS = Object.keys(NOTHING_READ);
const SIDE_KEYS = { sps: Object.keys(NOTHING_READ.sps), spp: Object.keys(NOTHING_READ.spp) };

/** The state that records inputs together with what was read of both sides. */
export function toState(inputs: SppJoinKnown, outputs: SppJoinOutputs): SppJoinState {
  return {
    ...inputs,
    ...outputs,
    sps: { ...inputs.sps, ...outputs.sps },
    spp: { ...inputs.spp, ...outputs.spp },
  };
}

/** The inputs a state echoes, without the outputs that stand beside them. */
export function inputsOf(state: SppJoinState): SppJoinKnown {
  const sides = { sps: without(state.sps, SIDE_KEYS.sps), spp: without(state.spp, SIDE_KEYS.spp) };
  return { ...pick(state, INPUT_KEYS), ...sides } as SppJoinKnown;
}

/** The outputs a state holds; what an older version did not record is as nothing read. */
export function outputsOf(state: SppJoinState): SppJoinOutputs {
  return {
    ...NOTHING_READ,
    // An older version recorded no phase, and nothing but joins that were done or that its health tells of.
    phase: "verified",
    ...pick(state, OUTPUT_KEYS),
    sps: { ...NOTHING_READ.sps, ...pick(state.sps, SIDE_KEYS.sps) },
    spp: { ...NOTHING_READ.spp, ...pick(state.spp, SIDE_KEYS.spp) },
  } as SppJoinOutputs;
}

function without(value: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}
