import type { Probe } from "../../guard/scripts/probes";
import type { Trial, Try } from "../../guard/scripts/trial";
import { type ProbeOptions, trafficSecondsOf } from "../../protection";
import type { Decision } from "../plan/decision";
import { pathProbes } from "./path-probes";
import { trafficProbes } from "./traffic-probes";
import { awaitingText } from "./traffic-script";

/**
 * Everything that the confirmation checks: the probes that passed before the changes, the path to SPS, and traffic of
 * clients.
 * @param decision the decision for the router as read back after the changes
 */
export function trialOf(
  mustPass: readonly Probe[],
  probe: ProbeOptions,
  decision: Decision,
): Omit<Trial, "afterwards"> {
  const path = probe.path === "off" ? [] : pathProbes(decision);
  const traffic = probe.traffic === "off" ? [] : trafficProbes(decision);
  const tries: Try[] = [
    ...mustPass.map((one) => ({ probe: one, isNeeded: true })),
    ...path.map((one) => ({ probe: one, isNeeded: probe.path === "required" })),
    ...traffic.map(({ redirection, clients, ...one }) => ({
      probe: one,
      isNeeded: probe.traffic === "required",
      redirection,
      isAwaited: clients !== undefined,
    })),
  ];
  const clients = traffic.flatMap((one) => one.clients ?? []);
  return {
    tries,
    redirections: decision.desired.chains.map(({ redirection }) => redirection.name),
    waitSeconds: trafficSecondsOf(probe),
    ...(clients.length > 0 && { awaitingText: (seconds: number) => awaitingText(clients, seconds) }),
  };
}
