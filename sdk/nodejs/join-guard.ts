import * as pulumi from "@pulumi/pulumi";
import { joinGuardStub } from "../../provider/dynamic/stubs";
import { JoinGuardOutputs, outputs } from "./outputs/join-guard";
import type { SppJoin } from "./spp-join";

/** Arguments of JoinGuard. */
export interface JoinGuardArgs {
  /** The join to guard. */
  join: SppJoin;
  /** What stays untouched while the join cannot be deleted: the redirections, and whatever else depends on the join. */
  dependents: readonly pulumi.Resource[];
}

/** Options of JoinGuard; its dependencies follow from its arguments. */
export type JoinGuardOptions = Omit<pulumi.CustomResourceOptions, "dependsOn">;

/**
 * Refuses a destroy, a removal or a replacement of a join before Pulumi deletes what depends on the join. It is protected as the join is,
 * unless the option `protect` says otherwise; see docs/resources/join-guard.md.
 */
export class JoinGuard extends JoinGuardOutputs {
  constructor(name: string, { join, dependents }: JoinGuardArgs, options?: JoinGuardOptions) {
    if (!join?.deletion) throw new pulumi.RunError(`${name}: Invalid value for join. Allowed values are: a SppJoin.`);
    const protect = options?.protect ?? join.deletion.protect;
    super(
      joinGuardStub,
      "JoinGuard",
      name,
      { ...join.deletion.inputs, joinUrn: join.urn, ...outputs },
      { ...options, protect, deleteBeforeReplace: true, dependsOn: [join, ...dependents] },
    );
  }
}
