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
    "Time in which changes have to be confirmed over a new connection, in seconds from before the first change. Otherwise they are rolled back. Default 60.",
  ).default(60),
});

const probedHostSchema = z.strictObject({
  address: hostAddress("IPv4 address of the host."),
  port: wholeNumber(
    1,
    65535,
    "TCP port that has to accept connections. Default: the host has to answer ping, or ARP where the router has no ping.",
  ).optional(),
});

/** The part of the commit window that is kept for the login, the other probes and the verdict, in seconds. */
export const WAITING_RESERVE_SECONDS = 8;

/** Probes that must pass after changes if they passed before. */
export const probeSchema = z.strictObject({
  hosts: listOf(
    unknownOr(probedHostSchema, "One host."),
    "Hosts that the router reaches. Those that answer before the changes have to answer after them, or the changes are rolled back. The default gateway is always tried. Default: none.",
    0,
  ).default([]),
  path: oneOf(
    ["required", "whenPossible", "off"],
    "Whether the path to SPS has to be proved: SPS answers ARP, the router routes to SPS, and SPS accepts TCP on one of the redirected ports (the first of each range, eight at most). required rolls changes back when any part is not proved, whenPossible warns, off makes no check. Default whenPossible.",
  ).default("whenPossible"),
  traffic: oneOf(
    ["required", "whenPossible", "off"],
    "Whether connections of clients have to prove that each redirection works: after the changes, a client opened a connection that the rules matched and that was answered, and the router routes packets of that redirection to SPS. required rolls changes back when no client does, whenPossible warns only when clients try and get no answer, off makes no check. Nothing is sent for it. Default whenPossible.",
  ).default("whenPossible"),
  trafficSeconds: wholeNumber(
    0,
    590,
    `How long the confirmation waits for a client's connection, in seconds; less than commitConfirm.windowSeconds. It never waits longer than until ${WAITING_RESERVE_SECONDS} s before the end of the window, so that waiting alone does not roll changes back. With 0 it checks once. Default 0, with traffic required 10.`,
  ).optional(),
});

/** Whether previews log in to the router. */
export const previewField = oneOf(
  ["always", "never"],
  "Whether previews look at the router: always logs in, reports what would change there, and fails when the router would refuse it; nothing is changed. never makes no connection. Default never.",
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
