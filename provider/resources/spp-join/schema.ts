import { z } from "zod";
import { applianceConnection, sppConnection } from "../../core/connection";
import { access, field, listOf, oneOf, otherInputs, secret, someText, unknownOr, wholeNumber } from "../../core/fields";
import { PREFLIGHT_MODES } from "../../core/settings";
import type { Known } from "../../core/unknown";
import { joinOutputs } from "../../join/outputs";
import type { RouterRedirectionInputs } from "../router-redirection/schema";

/** What deleting the resource does. */
export const ON_DELETE = ["refuse", "forget", "unlink"] as const;

/** Accepts only the literal `true`. */
const saidTrue = (text: string) =>
  field<true>((value) => (value === true ? true : undefined), { type: "boolean", const: true, allowed: "true" }, text);

const limit = (seconds: number, text: string) => wholeNumber(1, 7200, `${text}, in seconds.`).default(seconds);

export const sppJoinSchema = z.strictObject({
  sps: unknownOr(applianceConnection, "The Central Management node of the SPS cluster."),
  spp: unknownOr(sppConnection, "The primary of the SPP cluster. Its TLS certificate must contain its address."),
  clusterId: someText(
    "Output clusterId of the SpsCluster. The join fails if the node at sps.address has another node id. Default: any node id.",
  ).optional(),
  acknowledge: unknownOr(
    z.strictObject({
      irreversible: saidTrue("Confirms that the join cannot be undone."),
      sps: someText("Address of the SPS node, as in sps.address."),
      spp: someText("Address of the SPP appliance, as in spp.address."),
      closesAccessRequests: saidTrue(
        "Confirms that open access requests on SPP are closed. Required when there are any.",
      ).optional(),
      overwrites: listOf(
        someText("Name of an object on SPS."),
        "Names of the objects on SPS that the join overwrites. Required when there are any.",
      ).optional(),
      rejoin: saidTrue(
        "Confirms that the existing join is removed and re-created. Required when an address has changed.",
      ).optional(),
      disconnects: saidTrue(
        'Confirms that deleting the resource disconnects the node on SPP. Required with onDelete: "unlink".',
      ).optional(),
    }),
    "Confirms the irreversible join by naming both appliances, and its side effects. Without it the join fails; a preview shows the block to copy.",
  ).optional(),
  preflight: oneOf(
    PREFLIGHT_MODES,
    "Preflight of the join, in previews and again right before the join. enforce: a failed check fails the preview and the update. report: shows the result only. off: skips the checks. Default: the setting safeguard:preflight, otherwise enforce.",
  ).optional(),
  proveFirst: secret(
    access(
      unknownOr(
        z.strictObject({
          routers: otherInputs<Record<string, RouterRedirectionInputs>>(
            "Inputs of RouterRedirections, by name. No join request is sent when a router would refuse them.",
          ).optional(),
          routerUrns: otherInputs<Record<string, string>>(
            "URNs of these RouterRedirections, by name: what they own already is no obstacle. Without its URN, a redirection that exists counts as its own.",
          ).optional(),
        }),
        "Later steps of the program to check before the join request, which cannot be undone. Used only then, and not recorded. Site sets it.",
      ),
    ),
  ).optional(),
  detail: oneOf(
    ["result", "all"],
    "What previews and updates show of the join. result: one line, then only what needs attention. all: every check and every step. Default: the setting safeguard:detail, otherwise result.",
  ).optional(),
  backups: unknownOr(
    z.strictObject({
      spp: oneOf(
        ["take", "require", "skip"],
        "Backup of SPP. take: creates one and waits for it, or uses one that was begun less than backupSeconds and ten minutes ago. require: fails without one of the last seven days. skip: makes no check.",
      ).default("take"),
      sps: oneOf(
        ["require", "skip"],
        "Backup of SPS. require: fails unless SPS has a system backup policy. skip: makes no check.",
      ).default("require"),
    }),
    "Backups before the join request. A backup does not undo a join.",
  ).prefault({}),
  onDelete: oneOf(
    ON_DELETE,
    "What deleting this resource does. refuse: fails and changes nothing. forget: removes the resource from the state; the appliances stay joined. unlink: disconnects the node on SPP; SPP keeps its entry, SPS keeps its objects. A new value takes effect after the next `pulumi up`.",
  ).default("refuse"),
  timeouts: access(
    unknownOr(
      z.strictObject({
        trustSeconds: limit(
          330,
          "Limit of each wait for SPP: for a running cluster operation, for the five minutes after an unfinished attempt, for trust in the node",
        ),
        policySeconds: limit(180, "Limit of the wait until SPS has created its safeguard_default objects"),
        backupSeconds: limit(1800, "Limit of the wait for a backup of SPP"),
        synchronizationSeconds: limit(600, "Limit of the wait until the members of the cluster are in sync again"),
      }),
      "Limits of the waits.",
    ).prefault({}),
  ),
});

/** Outputs of the resource besides its inputs. */
export const sppJoinOutputs = z.object({
  ...joinOutputs.shape,
  steps: z
    .array(z.string())
    .describe("The steps of the join, in order; known in previews, where an existing join needs none."),
});

/** Inputs of a program. */
export type SppJoinInputs = z.input<typeof sppJoinSchema>;

/** Inputs that a state records. */
export const INPUT_KEYS = Object.keys(sppJoinSchema.shape).filter((key) => key !== "proveFirst");

/** Inputs after check. */
export type SppJoinChecked = z.output<typeof sppJoinSchema>;

/** Checked inputs without unknown values, for create and update. */
export type SppJoinKnown = Known<SppJoinChecked>;

export type SppJoinOutputs = z.output<typeof sppJoinOutputs>;

export type SppJoinState = SppJoinKnown & SppJoinOutputs;
