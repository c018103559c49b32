import type { OperationContext } from "../../core/context";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import { type InputFailure, validate } from "../../core/validate";
import { acknowledgementProblem, describeSteps } from "../../join/acknowledgement";
import type { CheckResult } from "../operations";
import { warnUnverified } from "../unverified";
import { preflightFailures } from "./preflight";
import { sppJoinSchema } from "./schema";

/**
 * Validates the inputs, compares the acknowledgement with the two appliances, proves a new join by asking both, and adds
 * the steps for the preview.
 */
export async function check(
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  context: OperationContext,
): Promise<CheckResult> {
  const { steps: _derived, ...given } = news;
  const validated = validate(sppJoinSchema, given);
  if (!validated.ok) return { inputs: given, failures: validated.failures };
  const inputs = validated.value;
  warnUnverified(context, "sps", inputs.sps);
  warnUnverified(context, "spp", inputs.spp);
  const sps = inputs.sps === UNKNOWN ? UNKNOWN : inputs.sps.address;
  const spp = inputs.spp === UNKNOWN ? UNKNOWN : inputs.spp.address;
  // A join that is recorded is made, or resumed without a second request; only a new one has to be proved.
  const unproved = Object.keys(olds).length === 0 ? await preflightFailures(inputs, context) : [];
  if (sps === UNKNOWN || spp === UNKNOWN) return { inputs: { ...inputs, steps: UNKNOWN }, failures: unproved };

  const failures: InputFailure[] = [...movedAway(olds, "sps", sps), ...movedAway(olds, "spp", spp)];
  const acknowledge = ifKnown(inputs.acknowledge);
  const isKnown = acknowledge !== undefined || inputs.acknowledge === undefined;
  const problem = isKnown ? acknowledgementProblem(acknowledge, sps, spp) : undefined;
  if (problem && failures.length === 0) failures.push({ path: "acknowledge", reason: problem });
  return { inputs: { ...inputs, steps: describeSteps(sps, spp) }, failures: [...failures, ...unproved] };
}

/** A recorded join stays between the appliances it was made with: it cannot be undone, so it cannot be moved. */
function movedAway(olds: Record<string, unknown>, side: "sps" | "spp", address: string): InputFailure[] {
  const before = olds[side];
  if (before === null || typeof before !== "object" || !("address" in before)) return [];
  if (before.address === address || typeof before.address !== "string") return [];
  const reason = `${side}.address: this join is with ${before.address} and cannot be moved to ${address}. Keep the address, or describe the other join as a resource of its own.`;
  return [{ path: `${side}.address`, reason }];
}
