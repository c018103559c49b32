import type { OperationContext } from "../../core/context";
import { messageOf, SafeguardError } from "../../core/errors";
import { Journal } from "../../core/journal";
import { exclusively } from "../../core/lock";
import { acknowledgementProblem } from "../../join/acknowledgement";
import { AttemptLedger } from "../../join/attempts";
import { JoinProgress } from "../../join/progress";
import { type RecordedLink, runJoin } from "../../join/run";
import { observeJoin, withBoth } from "../../join/sides";
import { describeSteps } from "../../join/steps";
import type { SppClient } from "../../spp/client";
import { proveRouters } from "../prove-first";
import { movementOf } from "./movement";
import { notProved, proveRequest, reasonsOf } from "./proof";
import type { SppJoinKnown, SppJoinOutputs, SppJoinState } from "./schema";
import { inputsOf, NOTHING_READ, outputsOf } from "./state";

/**
 * Joins the two appliances, or continues an interrupted run recorded in `olds`.
 * @throws SafeguardError SG2117 not acknowledged, SG2119 preflight failed, and those of `runJoin`; PartialFailure after the first change
 */
export async function join(
  id: string,
  inputs: SppJoinKnown,
  olds: SppJoinState | undefined,
  context: OperationContext,
): Promise<SppJoinState> {
  const { sps: spsSide, spp: sppSide, clusterId, backups, timeouts } = inputs;
  const [sps, spp] = [spsSide.address, sppSide.address];
  refuseUnacknowledged(inputs, acknowledgementProblem(inputs.acknowledge, sps, spp));
  const recorded = olds ? outputsOf(olds) : NOTHING_READ;
  const movement = olds && recorded.sppStatus.listed ? movementOf({ ...olds }, { sps, spp }) : undefined;
  const steps = describeSteps({ sps, spp, backups, isRejoin: movement !== undefined });
  const journal = new Journal();
  const progress = new JoinProgress(`join ${sps} to ${spp}`, context, recorded);
  const link: RecordedLink | undefined = movement && {
    ...recorded,
    certificateUserThumbprint: recorded.sppStatus.certificateUserThumbprint,
    isSppMoved: movement.isSppMoved,
  };
  const proveNow = async ({ isRejoin, spp: sppClient }: { isRejoin: boolean; spp: SppClient }) => {
    const options = { isRejoin, sppClient, recordedSppId: recorded.sppApplianceId };
    const { unacknowledged, failures } = await proveRequest(inputs, movement, context, options);
    refuseUnacknowledged(inputs, unacknowledged);
    if (failures.length > 0) throw notProved(inputs, `the join would fail: ${reasonsOf(failures)}`);
    await proveRouters(`sps ${sps}`, inputs.proveFirst ?? {}, context);
  };
  const attempts = new AttemptLedger();
  const order = { sppAddress: spp, clusterId, backups, timeouts, recorded: link, prove: proveNow, attempts };
  const work = async () => {
    try {
      const outputs = await withBoth(inputs, context, (spsClient, sppClient) =>
        runJoin({ ...order, sps: spsClient, spp: sppClient }, context, journal, progress),
      );
      return { ...inputsOf(inputs), ...outputs, steps };
    } catch (error) {
      // Another login would count a wrong password twice.
      if (!journal.hasSideEffects) throw error;
      const seen = await observeIfPossible(inputs, recorded, context);
      // If the new addresses were recorded too early, an existing link between the old ones would count as re-created.
      const isOldLinkGone = progress.record.phase !== "unlink";
      const isOldRecordKept = olds !== undefined && !isOldLinkGone;
      const between = inputsOf(isOldRecordKept ? olds : inputs);
      throw journal.failure(error, id, {
        ...between,
        ...seen,
        ...progress.identities,
        ...progress.record,
        steps: isOldRecordKept ? recorded.steps : steps,
      });
    }
  };
  const sppKey = `spp ${spp}:${sppSide.port}`;
  return exclusively(sppKey, () => exclusively(`sps ${sps}:${spsSide.port}`, work));
}

function refuseUnacknowledged({ sps }: SppJoinKnown, problem: string | undefined): void {
  if (!problem) return;
  const object = `sps ${sps.address}`;
  throw new SafeguardError({ code: "SG2117", object, step: "join spp", cause: problem, remedy: "nothing was sent" });
}

async function observeIfPossible(
  inputs: SppJoinKnown,
  recorded: SppJoinOutputs,
  context: OperationContext,
): Promise<SppJoinOutputs> {
  try {
    return { ...recorded, ...(await withBoth(inputs, context, observeJoin)).outputs };
  } catch (error) {
    context.log.debug(`reading back after a failure failed too: ${messageOf(error)}`);
    return recorded;
  }
}
