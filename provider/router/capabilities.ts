import type { z } from "zod";
import { UNKNOWN, type Unknown } from "../core/unknown";
import type { InputFailure } from "../core/validate";
import type { Bypass } from "./bypass";
import type { probeSchema } from "./protection";
import type { CheckedRedirection } from "./redirection";
import type { removalSchema } from "./removal";

/** Whether a platform supports a feature. If not: the reason and, where there is one, an alternative. */
export type Support = true | { reason: string; alternative?: string };

/** What a platform supports for the options of one resource. */
export interface Capabilities {
  /**
   * What rolls back unconfirmed changes: a function of the device, our timer on the device, or this program. This
   * program can do so only while it runs and reaches the router. `guard-with-shell` is our timer where the device gives a
   * shell, and this program otherwise; previews say which.
   */
  rollback: "device" | "guard" | "guard-with-shell" | "provider";
  /** Keeps redirections across restarts of the router; `always` also where the program does not want it. */
  persistence: Support | "always";
  /** Waits until sessions through an SPS have ended before it removes their redirections. */
  draining: Support;
  /** Forwards traffic directly while SPS does not answer. */
  bypass: Support;
  /** Probes the path to SPS from the router. */
  pathProof: Support;
  /** Verifies a redirection with connections of real clients. */
  trafficProof: Support;
  /** Probes hosts from the router that it must still reach. */
  hostProbes: Support;
  /**
   * Connects from the router to TCP ports of hosts that it must still reach. `with-shell` does so where the device gives a
   * root shell; the platform refuses them otherwise, because only a login shows that.
   */
  portProbes: Support | "with-shell";
  /** Adopts existing objects that have the names of the redirections. */
  adopting: Support;
  /** What adoption takes over besides, whatever its name is; undefined for nothing. */
  adoptedByEffect: string | undefined;
  /** Leaves connections direct that exist when a redirection is applied. */
  existingConnections: Support;
  addressModes: readonly AddressMode[];
  failModes: readonly FailMode[];
}

type AddressMode = "own" | "client";
type FailMode = "closed" | "open";

/** The inputs that require a capability; parts may be unknown. */
export interface CapabilityInputs {
  redirections: readonly (CheckedRedirection | Unknown)[] | Unknown;
  persist: boolean | Unknown;
  bypass: Bypass | Unknown;
  adopt: boolean | Unknown;
  probe: z.output<typeof probeSchema> | Unknown;
  removal: z.output<typeof removalSchema> | Unknown;
}

/** The requested features that the platform does not support, with reason and alternative. */
export function capabilityProblems(
  platform: string,
  capabilities: Capabilities,
  inputs: CapabilityInputs,
): InputFailure[] {
  const { draining, bypass, pathProof, trafficProof, hostProbes, adopting } = capabilities;
  const persistence = capabilities.persistence === "always" ? true : capabilities.persistence;
  const portProbes = capabilities.portProbes === "with-shell" ? true : capabilities.portProbes;
  const { persist, adopt, probe, removal } = inputs;
  const isDraining = removal !== UNKNOWN && removal.connections === "drain";
  const isRequired = (kind: "path" | "traffic") => probe !== UNKNOWN && probe[kind] === "required";
  const hasHosts = probe !== UNKNOWN && probe.hosts !== UNKNOWN && probe.hosts.length > 0;
  return [
    ...unsupported(persist === true, persistence, "persist", "set it to false"),
    ...unsupported(isDraining, draining, "removal.connections", "set it to cut"),
    ...unsupported(inputs.bypass === "when-sps-silent", bypass, "bypass", "set it to never"),
    ...unsupported(isRequired("path"), pathProof, "probe.path", "set it to whenPossible"),
    ...unsupported(isRequired("traffic"), trafficProof, "probe.traffic", "set it to whenPossible"),
    ...unsupported(hasHosts, hostProbes, "probe.hosts", "leave it out"),
    ...(hostProbes === true ? hostsWithPort(probe) : []).flatMap((path) =>
      unsupported(true, portProbes, path, "leave it out: the host is pinged"),
    ),
    ...unsupported(adopt === true, adopting, "adopt", "set it to false"),
    ...leavingProblems(capabilities, inputs),
    ...modeProblems(platform, capabilities, inputs),
  ];
}

/** The paths of the ports of probed hosts. */
function hostsWithPort(probe: CapabilityInputs["probe"]): string[] {
  if (probe === UNKNOWN || probe.hosts === UNKNOWN) return [];
  return probe.hosts.flatMap((host, index) => {
    const isWithout = host === UNKNOWN || host.port === undefined || host.port === UNKNOWN;
    return isWithout ? [] : [`probe.hosts[${index}].port`];
  });
}

function unsupported(isWanted: boolean, support: Support, path: string, remedy: string): InputFailure[] {
  if (!isWanted || support === true) return [];
  const { reason, alternative } = support;
  const remedies = alternative === undefined ? remedy : `${remedy}, or ${alternative}`;
  return [{ path, reason: `${path}: ${reason}; ${remedies}` }];
}

function leavingProblems({ existingConnections }: Capabilities, { redirections }: CapabilityInputs): InputFailure[] {
  if (redirections === UNKNOWN) return [];
  return redirections.flatMap((redirection, index) => {
    const isLeaving = redirection !== UNKNOWN && redirection.existingConnections === "leave";
    return unsupported(isLeaving, existingConnections, `redirections[${index}].existingConnections`, "set it to cut");
  });
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
