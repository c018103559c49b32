import { z } from "zod";
import { applianceConnection, sppConnection } from "../../core/connection";
import { flag, listOf, oneOf, someText, unknownOr, wholeNumber } from "../../core/fields";
import type { Known } from "../../core/unknown";
import { bypassField, watchdogSchema } from "../../router/bypass";
import { PLATFORMS, platformConnection, platformInputs } from "../../router/platforms";
import { redirectionSchema } from "../../router/redirection";

/** The part of a RouterRedirection that says what the router should have. */
export const routerInputs = {
  name: someText("Name of the router in reports; unique in the site."),
  platform: oneOf([...PLATFORMS.keys()], "Platform of the router."),
  redirections: listOf(
    unknownOr(redirectionSchema, "One redirection."),
    "The redirections that the router should have.",
  ),
  ...platformInputs,
  persist: flag("Whether the redirections should survive a restart, as in RouterRedirection.").default(false),
  bypass: bypassField.default("never"),
  watchdog: unknownOr(watchdogSchema, "Settings of the watchdog of bypass when-sps-silent.").prefault({}),
};

/** The part of a site besides its connections. */
export const siteInputs = {
  name: someText("Name of the site in reports; unique."),
  clusterId: someText("Node id that the Central Management node should have. Default: any.").optional(),
};

const router = z.strictObject({ ...routerInputs, router: platformConnection });

/** A site: an SPS cluster, its SPP and the routers that redirect traffic through it. */
export const siteSchema = z.strictObject({
  ...siteInputs,
  sps: unknownOr(applianceConnection, "The Central Management node of the SPS cluster."),
  spp: unknownOr(sppConnection, "The primary of the SPP cluster."),
  routers: listOf(unknownOr(router, "One router."), "The routers of the site. Default: none.", 0).default([]),
});

/** Limits of a diagnosis. */
export const diagnosisLimits = {
  limitSeconds: wholeNumber(1, 600, "Time limit for reading the appliances and each router, in seconds.").default(15),
  trafficSeconds: wholeNumber(
    0,
    600,
    "Time between two readings of a router's packet counters, in seconds. 0 skips the second one.",
  ).default(5),
  sessionSeconds: wholeNumber(
    0,
    600,
    "Longest wait for a new session of a client at SPS, in seconds. 0 does not wait for one.",
  ).default(0),
};

export type Site = Known<z.output<typeof siteSchema>>;
export type SiteRouter = Site["routers"][number];
export type DiagnosisLimits = { limitSeconds: number; trafficSeconds: number; sessionSeconds: number };
