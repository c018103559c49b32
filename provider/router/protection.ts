import { z } from "zod";
import { flag, listOf, oneOf, unknownOr, wholeNumber } from "../core/fields";
import type { Known } from "../core/unknown";
import { hostAddress } from "./fields";

/** How long the router waits for the confirmation of changes. */
export const commitConfirmSchema = z.strictObject({
  windowSeconds: wholeNumber(
    5,
    600,
    "Time in which changes have to be confirmed over a new SSH connection, in seconds from before the first change. Otherwise the router itself takes them back. Default 60.",
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

/** What has to work from the router after changes as it did before. */
export const probeSchema = z.strictObject({
  hosts: listOf(
    unknownOr(probedHostSchema, "One host."),
    "Hosts that the router reaches. Those that answer before the changes have to answer after them, or the changes are taken back. The default gateway is always looked at. Default: none.",
    0,
  ).default([]),
  path: oneOf(
    ["required", "whenPossible", "off"],
    "Whether the way to SPS has to be proved: SPS answers ARP, the router decides for SPS, and SPS accepts TCP on the first redirected port. required takes changes back when any part is not proved, whenPossible warns, off does not look. Default whenPossible.",
  ).default("whenPossible"),
});

/** How much a preview looks at. */
export const previewSchema = z.strictObject({
  live: flag(
    "True logs in to the router in every preview and says what is there now and what would change; nothing is changed. What the router refuses fails the preview then. Default false.",
  ).default(false),
});

/** The window after check. */
export type CommitConfirm = Known<z.output<typeof commitConfirmSchema>>;

/** The probes after check, with nothing unknown. */
export type ProbeOptions = Known<z.output<typeof probeSchema>>;
