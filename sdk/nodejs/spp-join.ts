import * as pulumi from "@pulumi/pulumi";
import { sppJoinStub } from "../../provider/dynamic/stubs";
import type { JoinGuardInputs } from "../../provider/resources/join-guard/schema";
import type { SppJoinInputs } from "../../provider/resources/spp-join/schema";
import { type InputMembers, memberOf, withSecrets } from "./inputs";
import { outputs, SppJoinOutputs, secrets } from "./outputs/spp-join";

/** Arguments of SppJoin; see docs/resources/spp-join.md for every field. */
export type SppJoinArgs = InputMembers<SppJoinInputs>;

/** The join of an SPS cluster to SPP, protected unless `protect` is false; see docs/resources/spp-join.md. */
export class SppJoin extends SppJoinOutputs {
  /** What decides whether the join may be deleted, for its JoinGuard. */
  readonly deletion: { inputs: InputMembers<JoinGuardInputs>; protect: boolean };

  constructor(name: string, args: SppJoinArgs, options?: pulumi.CustomResourceOptions) {
    const protect = options?.protect ?? true;
    // Created first, a replacement would leave the old join as a pending deletion that fails in every later update.
    const own = { ...options, protect, deleteBeforeReplace: true };
    super(sppJoinStub, "SppJoin", name, { ...withSecrets(args, secrets), ...outputs }, own);
    if (protect === false && (args.onDelete ?? "refuse") === "refuse") {
      // The engine calls no provider in the preview of a deletion.
      const text =
        "protect is false, but onDelete is refuse: a preview shows a deletion of the join as possible, and the update refuses it; set onDelete to forget or unlink to allow it";
      // Not at the resource: a line about one whose registration fails would keep the program waiting for its URN.
      void pulumi.log.warn(`${name}: ${text}`);
    }
    this.deletion = {
      inputs: {
        sps: memberOf(args.sps, "address"),
        spp: memberOf(args.spp, "address"),
        onDelete: args.onDelete,
        disconnects: memberOf(args.acknowledge, "disconnects"),
      },
      protect,
    };
  }
}
