import { z } from "zod";
import { flag, listOf, oneOf, unknownOr } from "../../core/fields";
import type { Known } from "../../core/unknown";
import { bypassField, watchdogSchema } from "../../router/bypass";
import { counterOutputSchema, interfaceOutputSchema } from "../../router/outputs";
import type { RouterPlatform } from "../../router/platform";
import { PLATFORM_NAMES, platformConnection, platformInputs, platformOutputs } from "../../router/platforms";
import { commitConfirmSchema, previewField, probeSchema } from "../../router/protection";
import { redirectionSchema } from "../../router/redirection";
import { removalSchema } from "../../router/removal";

export const routerRedirectionSchema = z.strictObject({
  platform: oneOf(PLATFORM_NAMES, "Platform of the router."),
  router: platformConnection,
  redirections: listOf(
    unknownOr(redirectionSchema, "One redirection."),
    "The redirections that this resource manages on the router. Others on the same router are not changed.",
  ),
  ...platformInputs,
  commitConfirm: unknownOr(
    commitConfirmSchema,
    "Protection against lockouts: changes that are not confirmed in time are rolled back.",
  ).prefault({}),
  probe: unknownOr(probeSchema, "Probes that decide whether changes are confirmed or rolled back.").prefault({}),
  preview: previewField.default("auto"),
  persist: flag(
    "True restores the redirections when the router restarts, and the default route to SPS when its link comes up again. On Linux, files below /etc are written for that once changes are confirmed; systemd, NetworkManager, networkd-dispatcher or ifupdown run them. On Cisco, `write memory` saves the whole configuration, and on Check Point `save config`. A Sophos UTM always keeps them. Previews note a default of false.",
  ).default(false),
  bypass: bypassField.default("never"),
  watchdog: unknownOr(watchdogSchema, "Settings of the watchdog of bypass when-sps-silent.").prefault({}),
  removal: unknownOr(removalSchema, "How the last redirection to an SPS is removed.").prefault({}),
  adopt: flag(
    "True takes over redirections of the same names that belong to other resources or to none, and rules that use their packet mark. Otherwise they are refused.",
  ).default(false),
});

/** The inputs for one platform: the common inputs plus its own connection and options. */
export function inputSchemaOf(platform: RouterPlatform): z.ZodType<RouterRedirectionChecked> {
  const common = Object.entries(routerRedirectionSchema.shape).filter(([key]) => !(key in platformInputs));
  return z.strictObject({
    ...Object.fromEntries(common),
    platform: oneOf([platform.name], "Platform of the router."),
    router: unknownOr(platform.connection, "How to reach the router."),
    [platform.block]: unknownOr(platform.options, "Options of this platform.").prefault({}),
  }) as unknown as z.ZodType<RouterRedirectionChecked>;
}

/** The outputs of the resource. */
export const routerRedirectionOutputs = z.object({
  ownerId: z
    .string()
    .describe("Random id of the resource, recorded on the router, so that no other resource changes its redirections."),
  rules: z
    .array(z.string())
    .describe(
      "The rules in canonical form and order: planned in previews, read back afterwards. They are equal unless something else changed the router.",
    ),
  interfaces: z.array(interfaceOutputSchema).describe("The interfaces that the redirections use, in order of name."),
  counters: z
    .array(counterOutputSchema)
    .describe("Packets that each redirection has matched; empty where the platform counts none."),
  confirmedAt: z
    .string()
    .optional()
    .describe("When the last changes were confirmed over a new connection, ISO 8601; absent when nothing was changed."),
  confirmedUnproven: z
    .array(z.string())
    .optional()
    .describe(
      'Probes that failed or could not run at the last confirmation; empty when all passed, absent when nothing was changed. With `probe.path: "required"` such changes are rolled back instead.',
    ),
  confirmedTraffic: z
    .array(z.string())
    .optional()
    .describe(
      "The redirections for which a client's connection was answered through SPS before the confirmation; absent when nothing was changed.",
    ),
  unfinished: z
    .looseObject({
      platform: z.string().describe("The platform of the router."),
      redirections: z.array(redirectionSchema).describe("The redirections."),
    })
    .optional()
    .describe("Redirections that an unfinished update may have left on the router; absent otherwise."),
  ...platformOutputs,
});

export type RouterRedirectionOutputs = Known<z.output<typeof routerRedirectionOutputs>>;

/** Inputs as the user writes them. */
export type RouterRedirectionInputs = z.input<typeof routerRedirectionSchema>;

/** Inputs after check; parts may be unknown in previews. */
export type RouterRedirectionChecked = z.output<typeof routerRedirectionSchema>;

/** Checked inputs without unknown parts, for create and update. */
export type RouterRedirectionKnown = Known<RouterRedirectionChecked>;

/** Inputs and outputs side by side. */
export type RouterRedirectionState = RouterRedirectionKnown & RouterRedirectionOutputs;

/** Inputs that only control how changes are applied. Changing them does not touch the router. */
export const APPLY_OPTION_KEYS: readonly string[] = ["adopt", "commitConfirm", "preview", "probe", "removal"];
