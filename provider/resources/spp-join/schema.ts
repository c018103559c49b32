import { z } from "zod";
import { applianceConnection } from "../../core/connection";
import { field, oneOf, someText, unknownOr, wholeNumber } from "../../core/fields";
import type { Known } from "../../core/unknown";
import type { JoinOutputs } from "../../join/sides";

/** What is made of the proof before a join. */
export const PREFLIGHT_MODES = ["enforce", "report", "off"] as const;

export const sppJoinSchema = z.strictObject({
  sps: unknownOr(applianceConnection, "The Central Management node of the SPS cluster."),
  spp: unknownOr(applianceConnection, "The primary of the SPP cluster; its address must stand in its TLS certificate."),
  clusterId: someText(
    "Output clusterId of the SpsCluster: the join is made only if the node at sps.address has this node id. Default: any node id.",
  ).optional(),
  acknowledge: unknownOr(
    z.strictObject({
      irreversible: field<true>(
        (value) => (value === true ? true : undefined),
        "true",
        "Says that the join cannot be undone.",
      ),
      sps: someText("Address of the SPS node, as in sps.address."),
      spp: someText("Address of the SPP appliance, as in spp.address."),
    }),
    "Names both appliances of the join that is to be made for good. Without it nothing is joined.",
  ).optional(),
  preflight: oneOf(
    PREFLIGHT_MODES,
    "What is done about the proof, in previews and again right before the join, that the join will work. enforce: what fails is refused. report: it is only shown. off: nobody is asked. The environment variable SAFEGUARD_PREFLIGHT overrides it. Default enforce.",
  ).optional(),
  onDelete: oneOf(
    ["refuse", "forget"],
    "What deleting this resource does. refuse: it fails, nothing changes. forget: the record goes, the appliances stay joined. Default refuse.",
  ).default("refuse"),
  timeouts: unknownOr(
    z.strictObject({
      trustSeconds: wholeNumber(
        1,
        3600,
        "Limit of the wait until SPP trusts the node, in seconds. Default 330.",
      ).default(330),
      policySeconds: wholeNumber(
        1,
        3600,
        "Limit of the wait until SPS has made its safeguard_default objects, in seconds. Default 180.",
      ).default(180),
    }),
    "Limits of the waits.",
  ).prefault({}),
});

/** What a user may write. */
export type SppJoinInputs = z.input<typeof sppJoinSchema>;

/** Inputs after check. */
export interface SppJoinChecked extends z.output<typeof sppJoinSchema> {
  /** What will be done, in order; known in previews. */
  steps: string[];
}

export type SppJoinKnown = Known<SppJoinChecked>;

/**
 * Inputs and outputs in one. `sps` and `spp` hold the connection and, beside it, what that side says of the join: a
 * reader of the program's outputs finds both under one name.
 */
export interface SppJoinState extends Omit<SppJoinKnown, "sps" | "spp">, Omit<JoinOutputs, "sps" | "spp"> {
  sps: SppJoinKnown["sps"] & JoinOutputs["sps"];
  spp: SppJoinKnown["spp"] & JoinOutputs["spp"];
}
