import type * as pulumi from "@pulumi/pulumi";
import { spsClusterStub } from "../../provider/dynamic/stubs";
import type { SpsClusterInputs } from "../../provider/resources/sps-cluster/schema";
import { type InputMembers, withSecrets } from "./inputs";
import { outputs, SpsClusterOutputs, secrets } from "./outputs/sps-cluster";

/** Arguments of SpsCluster; see docs/resources/sps-cluster.md for every field. */
export type SpsClusterArgs = InputMembers<SpsClusterInputs>;

/** A cluster of SPS nodes under one Central Management node; see docs/resources/sps-cluster.md. */
export class SpsCluster extends SpsClusterOutputs {
  constructor(name: string, args: SpsClusterArgs, options?: pulumi.CustomResourceOptions) {
    super(spsClusterStub, "SpsCluster", name, { ...withSecrets(args, secrets), ...outputs }, options);
  }
}
