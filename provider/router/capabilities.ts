import type { z } from "zod";
import { UNKNOWN, type Unknown } from "../core/unknown";
import type { InputFailure } from "../core/validate";
import type { Bypass } from "./bypass";
import type { probeSchema } from "./protection";
import type { CheckedRedirection } from "./redirection";
import type { removalSchema } from "./removal";

/** Whether a platform can do something. Where it cannot: why, and perhaps another way out than not to ask for it. */
export type Support = true | { reason: string; alternative?: string };

/** What a platform can do with the options of one resource. */
export interface Capabilities {
  /**
   * Who rolls back changes that are not confirmed in time: the device by a function of its own, our timer on the
   * device, or this program, which works only while it runs and reaches the router.
   */
  rollback: "device" | "guard" | "provider";
  /** Keeps redirections over restarts of the router. */
  persistence: Support;
  /** Waits for the end of sessions through an SPS before its redirections are removed. */
  draining: Support;
  /** Lets traffic pass directly while SPS does not answer. */
  bypass: Support;
  /** Proves by connections of clients that a redirection works. */
  trafficProof: Support;
  /** Takes over what it finds under the names of the redirections. */
  adopting: Support;
  addressModes: readonly AddressMode[];
  failModes: readonly FailMode[];
}

type AddressMode = "own" | "client";
type FailMode = "closed" | "open";

/** The inputs that ask for a capability; parts may be unknown. */
export interface CapabilityInputs {
  redirections: readonly (CheckedRedirection | Unknown)[] | Unknown;
  persist: boolean | Unknown;
  bypass: Bypass | Unknown;
  adopt: boolean | Unknown;
  probe: z.output<typeof probeSchema> | Unknown;
  removal: z.output<typeof removalSchema> | Unknown;
}

/** What the inputs ask for and the platform cannot do, with the reason and the way out. */
export function capabilityProblems(
  platform: string,
  capabilities: Capabilities,
  inputs: CapabilityInputs,
): InputFailure[] {
  const { persistence, draining, bypass, trafficProof, adopting } = capabilities;
  const { persist, adopt, probe, removal } = inputs;
  const isDraining = removal !== UNKNOWN && removal.connections === "drain";
  const isProofRequired = probe !== UNKNOWN && probe.traffic === "required";
  return [
    ...unsupported(persist === true, persistence, "persist", "set it to false"),
    ...unsupported(isDraining, draining, "removal.connections", "set it to cut"),
    ...unsupported(inputs.bypass === "when-sps-silent", bypass, "bypass", "set it to never"),
    ...unsupported(isProofRequired, trafficProof, "probe.traffic", "set it to whenPossible"),
    ...unsupported(adopt === true, adopting, "adopt", "set it to false"),
    ...modeProblems(platform, capabilities, inputs),
  ];
}

function unsupported(isWanted: boolean, support: Support, path: string, remedy: string): InputFailure[] {
  if (!isWanted || support === true) return [];
  const { reason, alternative } = support;
  const remedies = alternative === undefined ? remedy : `${remedy}, or ${alternative}`;
  return [{ path, reason: `${path}: ${reason}; ${remedies}` }];
}

function modeProblems(
  platform: string,
  { addressModes, failModes }: Capabilities,
  { redirections }: CapabilityInputs,
): InputFailure[] {
  if (redirections === UNKNOWN) return [];
  return redirections.flatMap((redirection, index) => {
    if (redirection === UNKNOWN) return [];
    const { addressMode, failMode } = redirection;
    const check = (property: string, mode: string | Unknown, modes: readonly string[]): InputFailure[] => {
      if (mode === UNKNOWN || modes.includes(mode)) return [];
      const path = `redirections[${index}].${property}`;
      const reason = `${path}: platform ${platform} does not support ${mode}; set it to ${modes.join(" or ")}`;
      return [{ path, reason }];
    };
    return [...check("addressMode", addressMode, addressModes), ...check("failMode", failMode, failModes)];
  });
}
