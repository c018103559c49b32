import type { OperationContext } from "../../core/context";
import type { SpsClient } from "../../sps/client";
import { proveRouters } from "../prove-first";
import { check } from "../spp-join/check";
import { notProved, proveRequest, reasonsOf } from "../spp-join/proof";
import type { SppJoinKnown } from "../spp-join/schema";
import { plannedRoles } from "./plan";
import type { SpsClusterKnown } from "./schema";

/**
 * Checks the later steps that the program names in `proveFirst`. Only reads.
 * @param central client of the node to promote
 * @throws SafeguardError SG2117 join not acknowledged, SG2119 the join or a router would fail
 */
export async function proveLaterSteps(
  inputs: SpsClusterKnown,
  central: SpsClient,
  context: OperationContext,
): Promise<void> {
  const { join, ...later } = inputs.proveFirst ?? {};
  if (join) await proveJoin(inputs, join, central, context);
  await proveRouters(central.object, later, context);
}

async function proveJoin(
  inputs: SpsClusterKnown,
  join: object,
  central: SpsClient,
  context: OperationContext,
): Promise<void> {
  context.log.info(`${central.object}: checking the join to SPP before the promotion, which cannot be undone`);
  const ownSps = "sps" in join && join.sps !== undefined ? join.sps : undefined;
  const checked = check({ ...join, sps: ownSps ?? inputs.centralManagement }, context);
  const known = checked.inputs as unknown as SppJoinKnown;
  const fail = (reasons: string) => notProved(known, `the join would fail: ${reasons}; the node was not promoted`);
  if (checked.failures.length > 0) throw fail(reasonsOf(checked.failures));
  const found = await proveRequest(known, undefined, context, {
    // The join may use another account.
    spsClient: ownSps ? undefined : central,
    promotion: { nodes: plannedRoles(inputs) },
  });
  const reasons = [found.unacknowledged, reasonsOf(found.failures)].filter(Boolean);
  if (reasons.length > 0) throw fail(reasons.join("; "));
}
