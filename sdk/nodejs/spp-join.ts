import type * as pulumi from "@pulumi/pulumi";
import { sppJoinStub } from "../../provider/dynamic/stubs";
import type { SppJoinInputs } from "../../provider/resources/spp-join/schema";
import { type InputMembers, withSecrets } from "./inputs";
import { outputs, SppJoinOutputs, secrets } from "./outputs/spp-join";

/** Arguments of SppJoin; see docs/resources/spp-join.md for every field. */
export type SppJoinArgs = InputMembers<SppJoinInputs>;

/** The join of an SPS cluster to SPP, protected unless `protect` is false; see docs/resources/spp-join.md. */
export class SppJoin extends SppJoinOutputs {
  constructor(name: string, args: SppJoinArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = { ...withSecrets(args, secrets), ...outputs };
    super(sppJoinStub, name, inputs, { ...options, protect: options?.protect ?? true }, "safeguard", "SppJoin");
  }
}
