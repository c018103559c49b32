import { z } from "zod";
import { listOf, oneOf, unknownOr, wholeNumber } from "../core/fields";
import { ifKnown, type Known, UNKNOWN, type Unknown } from "../core/unknown";
import type { InputFailure } from "../core/validate";
import { hostAddress } from "./fields";

/** How long the router waits for the confirmation of changes. */
export const commitConfirmSchema = z.strictObject({
  windowSeconds: wholeNumber(
    5,
    600,
    "Commit window, in seconds from before the first change. Changes that are not confirmed over a new login by then are rolled back.",
  ).default(60),
});

const probedHostSchema = z.strictObject({
  address: hostAddress("IPv4 address of the host."),
  port: wholeNumber(
    1,
    65535,
    "TCP port that must accept connections. Default: the host must answer ping, or ARP if the router has no ping.",
  ).optional(),
});

/** The part of the commit window that is kept for the login, the other probes and the verdict, in seconds. */
export const WAITING_RESERVE_SECONDS = 8;

/** Probes that must pass after changes if they passed before. */
export const probeSchema = z.strictObject({
  hosts: listOf(
    unknownOr(probedHostSchema, "One host."),
    "Hosts that the router must still reach. If a host answers before the changes and not after them, the changes are rolled back. The default gateway is always probed.",
    0,
  ).default([]),
  path: oneOf(
    ["required", "whenPossible", "off"],
    "Probes of the path to SPS: SPS answers ARP, the router routes to SPS, and SPS accepts TCP on a redirected port (the first of each range, at most eight). required: rolls changes back if a probe fails. whenPossible: warns. off: makes no check.",
  ).default("whenPossible"),
  traffic: oneOf(
    ["required", "whenPossible", "off"],
    "Proof by client traffic: after the changes, a client opens a connection that the rules match, it is answered, and the router routes its packets to SPS. No packet is sent for it. required: rolls changes back if no client connects. whenPossible: warns only if clients get no answer. off: makes no check.",
  ).default("whenPossible"),
  trafficSeconds: wholeNumber(
    0,
    590,
    `How long to wait for a client's connection, in seconds; less than commitConfirm.windowSeconds. The wait ends ${WAITING_RESERVE_SECONDS} s before the commit window expires, so that it cannot cause a rollback. 0 checks once. Default: 10 with traffic required, otherwise 0.`,
  ).optional(),
});

/** When previews log in to the router. */
export const previewField = oneOf(
  ["auto", "always", "never"],
  "When previews log in to the router and check the change there; nothing is changed. auto: if the resource is new or the update would change the router. always: in every preview, and reports each check. never: makes no connection. A change that the router would refuse fails the preview; an unreachable router is a warning.",
);

/** How long to wait for a connection of a client by default, in seconds. */
const REQUIRED_TRAFFIC_SECONDS = 10;

/** How long the confirmation waits for a connection of a client, in seconds. */
export function trafficSecondsOf({ traffic, trafficSeconds }: Omit<ProbeOptions, "hosts">): number {
  if (traffic === "off") return 0;
  return trafficSeconds ?? (traffic === "required" ? REQUIRED_TRAFFIC_SECONDS : 0);
}

/** Protection settings that contradict each other, as far as they are known. */
export function protectionProblems(settings: {
  commitConfirm: z.output<typeof commitConfirmSchema> | Unknown;
  probe: z.output<typeof probeSchema> | Unknown;
}): InputFailure[] {
  const probe = settings.probe === UNKNOWN ? undefined : ifKnown({ ...settings.probe, hosts: [] });
  const windowSeconds = settings.commitConfirm === UNKNOWN ? UNKNOWN : settings.commitConfirm.windowSeconds;
  if (!probe || windowSeconds === UNKNOWN) return [];
  const seconds = trafficSecondsOf(probe);
  if (seconds < windowSeconds) return [];
  const which = probe.trafficSeconds === undefined ? `${seconds}, the default with traffic required,` : `${seconds}`;
  const reason = `probe.trafficSeconds: ${which} is not less than commitConfirm.windowSeconds ${windowSeconds}; lower it, or raise commitConfirm.windowSeconds`;
  return [{ path: "probe.trafficSeconds", reason }];
}

/** The probe settings after check, without unknown parts. */
export type ProbeOptions = Known<z.output<typeof probeSchema>>;
