import type { z } from "zod";
import type { OperationContext } from "../../core/context";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import { validate } from "../../core/validate";
import { acknowledgementProblem } from "../../join/acknowledgement";
import { describeSteps } from "../../join/steps";
import type { CheckResult } from "../operations";
import { warnUnverified } from "../unverified";
import { addressesOf, type Movement, movementOf } from "./movement";
import { type Proof, prove } from "./preflight";
import { sppJoinSchema } from "./schema";

type Inputs = z.output<typeof sppJoinSchema>;

/**
 * Validates the inputs, proves a join or re-join that is due by asking both appliances, compares the acknowledgement
 * with them and with what the join would do, and adds the steps for the preview.
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
  const { sps, spp } = addressesOf(inputs);
  const movement = movementOf(olds, { sps, spp });
  // A join that is recorded between the same addresses is made, or resumed after another look at both sides.
  const isDue = Object.keys(olds).length === 0 || movement !== undefined;
  const proof: Proof = isDue ? await prove(inputs, movement, context) : { failures: [], consequences: undefined };
  if (sps === UNKNOWN || spp === UNKNOWN) return { inputs: { ...inputs, steps: UNKNOWN }, failures: proof.failures };

  const isRejoin = movement !== undefined && (proof.consequences?.isRejoinDue ?? true);
  if (isRejoin) context.log.info(rejoinText(movement, spp, sps));
  const backups = ifKnown(inputs.backups);
  const steps = backups ? describeSteps({ sps, spp, backups, isRejoin }) : UNKNOWN;
  const problem = problemOf(inputs, sps, spp, isRejoin, proof);
  const unacknowledged = problem ? [{ path: "acknowledge", reason: problem }] : [];
  return { inputs: { ...inputs, steps }, failures: [...unacknowledged, ...proof.failures] };
}

function problemOf(inputs: Inputs, sps: string, spp: string, isRejoin: boolean, proof: Proof): string | undefined {
  const acknowledge = ifKnown(inputs.acknowledge);
  const isKnown = acknowledge !== undefined || inputs.acknowledge === undefined;
  if (!isKnown) return undefined;
  const { openRequests = 0, overwrites = [] } = proof.consequences ?? {};
  const isUnlinkedOnDelete = inputs.onDelete === "unlink";
  return acknowledgementProblem(acknowledge, sps, spp, { isRejoin, isUnlinkedOnDelete, openRequests, overwrites });
}

function rejoinText(movement: Movement, spp: string, sps: string): string {
  return `re-join: recorded between ${movement.sps} and ${movement.spp}, wanted between ${sps} and ${spp}; SPP keeps its entry and with it the access policies`;
}
