import { pick } from "../../core/difference";
import type { JoinOutputs } from "../../join/sides";
import { type SppJoinKnown, type SppJoinState, sppJoinSchema } from "./schema";

const INPUT_KEYS = [...Object.keys(sppJoinSchema.shape), "steps"];

/** The state that records inputs together with what was read of both sides. */
export function toState(inputs: SppJoinKnown, outputs: JoinOutputs): SppJoinState {
  return {
    ...inputs,
    ...outputs,
    sps: { ...inputs.sps, ...outputs.sps },
    spp: { ...inputs.spp, ...outputs.spp },
  };
}

/** The inputs a state echoes, without the outputs that stand beside them. */
export function inputsOf(state: SppJoinState): SppJoinKnown {
  const { joined: _joined, ...sps } = state.sps;
  const { listed: _listed, trusted: _trusted, connected: _connected, ...spp } = state.spp;
  return { ...pick(state, INPUT_KEYS), sps, spp } as SppJoinKnown;
}

/** The outputs a state holds. */
export function outputsOf(state: SppJoinState): JoinOutputs {
  const { nodeId, sppApplianceId, connectionId, joinedAt, policies, health } = state;
  const { listed, trusted, connected } = state.spp;
  return {
    nodeId,
    sppApplianceId,
    connectionId,
    joinedAt,
    sps: { joined: state.sps.joined },
    spp: { listed, trusted, connected },
    policies,
    health,
  };
}

/** Outputs before anything could be read. */
export const NOTHING_READ: JoinOutputs = {
  nodeId: "",
  sppApplianceId: "",
  connectionId: 0,
  joinedAt: "",
  sps: { joined: false },
  spp: { listed: false, trusted: false, connected: false },
  policies: [],
  health: "not joined",
};
