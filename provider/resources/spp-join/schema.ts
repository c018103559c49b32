import { z } from "zod";
import { applianceConnection } from "../../core/connection";
import { access, field, listOf, oneOf, someText, unknownOr, wholeNumber } from "../../core/fields";
import type { Known } from "../../core/unknown";
import type { JoinOutputs } from "../../join/run";

/** What is made of the proof before a join. */
export const PREFLIGHT_MODES = ["enforce", "report", "off"] as const;

/** The word true, and nothing less. */
const saidTrue = (text: string) =>
  field<true>((value) => (value === true ? true : undefined), { type: "boolean", const: true, allowed: "true" }, text);

const limit = (seconds: number, text: string) =>
  wholeNumber(1, 7200, `${text} In seconds. Default ${seconds}.`).default(seconds);

export const sppJoinSchema = z.strictObject({
  sps: unknownOr(applianceConnection, "The Central Management node of the SPS cluster."),
  spp: unknownOr(applianceConnection, "The primary of the SPP cluster; its address must stand in its TLS certificate."),
  clusterId: someText(
    "Output clusterId of the SpsCluster: the join is made only if the node at sps.address has this node id. Default: any node id.",
  ).optional(),
  acknowledge: unknownOr(
    z.strictObject({
      irreversible: saidTrue("Says that the join cannot be undone."),
      sps: someText("Address of the SPS node, as in sps.address."),
      spp: someText("Address of the SPP appliance, as in spp.address."),
      closesAccessRequests: saidTrue(
        "Says that the access requests that are open on SPP are closed. Needed when there are some.",
      ).optional(),
      overwrites: listOf(
        someText("Name of an object on SPS."),
        "Names of the objects on SPS that the join overwrites. Needed when there are some.",
      ).optional(),
      rejoin: saidTrue(
        "Says that the join is taken apart and made anew. Needed when an address has changed.",
      ).optional(),
      disconnects: saidTrue(
        'Says that deleting the resource disconnects the node on SPP. Needed with onDelete: "unlink".',
      ).optional(),
    }),
    "Names both appliances of the join that is to be made for good, and what it does besides. Without it nothing is joined; a preview shows the block to paste.",
  ).optional(),
  preflight: oneOf(
    PREFLIGHT_MODES,
    "Preflight, in previews and again right before the join request. enforce: a failed check fails. report: shows the result only. off: makes no check. Default: the setting preflight, else enforce.",
  ).optional(),
  backups: unknownOr(
    z.strictObject({
      spp: oneOf(
        ["take", "require", "skip"],
        "take: a backup of SPP is made and waited for; one that was begun less than backupSeconds and ten minutes ago is used instead. require: there must be one of the last seven days. skip: nobody asks. Default take.",
      ).default("take"),
      sps: oneOf(
        ["require", "skip"],
        "require: SPS must have a system backup policy. skip: nobody asks. Default require.",
      ).default("require"),
    }),
    "What is done about backups before the join request. A backup does not undo a join.",
  ).prefault({}),
  onDelete: oneOf(
    ["refuse", "forget", "unlink"],
    "What deleting this resource does. refuse: it fails, nothing changes. forget: the record goes, the appliances stay joined. unlink: SPP disconnects the node and keeps its entry, SPS keeps its objects. What an update has not recorded yet does not count. Default refuse.",
  ).default("refuse"),
  timeouts: access(
    unknownOr(
      z.strictObject({
        trustSeconds: limit(
          330,
          "Limit of each wait for SPP: for a running cluster operation, for five minutes to pass since an unfinished attempt, for trust in the node.",
        ),
        policySeconds: limit(180, "Limit of the wait until SPS has made its safeguard_default objects."),
        backupSeconds: limit(1800, "Limit of the wait for a backup of SPP."),
        synchronizationSeconds: limit(600, "Limit of the wait until the members of the cluster are in sync again."),
      }),
      "Limits of the waits.",
    ).prefault({}),
  ),
});

/** What a user may write. */
export type SppJoinInputs = z.input<typeof sppJoinSchema>;

/** Inputs after check. */
export type SppJoinChecked = z.output<typeof sppJoinSchema>;

export type SppJoinKnown = Known<SppJoinChecked>;

/** What is known of a join besides its inputs. */
export interface SppJoinOutputs extends JoinOutputs {
  /** The steps of the join, in order; known in previews. */
  steps: string[];
}

/**
 * Inputs and outputs in one. `sps` and `spp` hold the connection and, beside it, what that side says of the join: a
 * reader of the program's outputs finds both under one name.
 */
export interface SppJoinState extends Omit<SppJoinKnown, "sps" | "spp">, Omit<SppJoinOutputs, "sps" | "spp"> {
  sps: SppJoinKnown["sps"] & JoinOutputs["sps"];
  spp: SppJoinKnown["spp"] & JoinOutputs["spp"];
}
