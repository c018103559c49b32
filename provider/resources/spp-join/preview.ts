import type { OperationContext } from "../../core/context";
import { entryOf, SafeguardError } from "../../core/errors";
import { hasUnknown, ifKnown, UNKNOWN } from "../../core/unknown";
import { acknowledgementProblem } from "../../join/acknowledgement";
import { describeSteps } from "../../join/steps";
import type { Note, PreviewResult, Recorded } from "../operations";
import { diff, isIncomplete, isRecordOnly } from "./diff";
import { addressesOf, type Movement, movementOf } from "./movement";
import { notProved, type Obstacles, type Proof, prove, proveRequest, reasonsOf } from "./proof";
import type { SppJoinChecked, SppJoinKnown, SppJoinState } from "./schema";
import { outputsOf } from "./state";

/**
 * Returns the steps, and runs the preflight of a join, a re-join or a repair: reads both appliances and compares the acknowledgement. A
 * complete recorded join is not checked again.
 */
export async function preview(
  olds: Recorded<SppJoinState> | undefined,
  news: SppJoinKnown,
  context: OperationContext,
): Promise<PreviewResult> {
  const inputs: SppJoinChecked = news;
  const movement = movementOf(olds?.inputs ?? {}, addressesOf(inputs));
  if (!olds?.isRepeated && (!olds || movement)) return await previewJoin(inputs, movement, context);
  const repair = olds.state && !movement ? await previewRepair(olds.state, news, context) : NOTHING_TO_SAY;
  const acknowledged = olds.isRepeated ? undefined : unacknowledged(inputs, undefined, NOT_PROVED);
  return {
    outputs: { steps: stepsOf(inputs, false) },
    failures: [...(acknowledged ? [acknowledged] : []), ...repair.failures],
    notes: repair.notes,
  };
}

const NOTHING_TO_SAY: Pick<PreviewResult, "failures" | "notes"> = { failures: [], notes: [] };
const NOT_PROVED: Proof = { failures: [], consequences: undefined };

async function previewJoin(
  inputs: SppJoinChecked,
  movement: Movement | undefined,
  context: OperationContext,
): Promise<PreviewResult> {
  const proof = await prove(inputs, movement, context);
  const isRejoin = movement !== undefined && (proof.consequences?.isRejoinDue ?? true);
  const notes: Note[] = [];
  const { sps, spp } = addressesOf(inputs);
  if (isRejoin && sps !== UNKNOWN && spp !== UNKNOWN) {
    notes.push({ severity: "info", text: rejoinText(movement, spp, sps) });
  }
  const problem = unacknowledged(inputs, isRejoin, proof);
  const failures = [...(problem ? [problem] : []), ...proof.failures];
  return { outputs: { steps: stepsOf(inputs, isRejoin, proof.consequences?.joinedAs) }, failures, notes };
}

function stepsOf(inputs: SppJoinChecked, isRejoin: boolean, joinedAs?: number) {
  const { sps, spp } = addressesOf(inputs);
  const backups = ifKnown(inputs.backups);
  if (sps === UNKNOWN || spp === UNKNOWN || !backups) return UNKNOWN;
  return describeSteps({ sps, spp, backups, isRejoin, joinedAs });
}

function unacknowledged(inputs: SppJoinChecked, isRejoin = false, { consequences }: Proof) {
  const { sps, spp } = addressesOf(inputs);
  const acknowledge = ifKnown(inputs.acknowledge);
  const isKnown = acknowledge !== undefined || inputs.acknowledge === undefined;
  if (!isKnown || sps === UNKNOWN || spp === UNKNOWN) return undefined;
  const { openRequests = 0, overwrites = [] } = consequences ?? {};
  const isUnlinkedOnDelete = inputs.onDelete === "unlink";
  const all = { isRejoin, isUnlinkedOnDelete, openRequests, overwrites };
  const reason = acknowledgementProblem(acknowledge, sps, spp, all);
  return reason === undefined ? undefined : { path: "acknowledge", reason };
}

function rejoinText(movement: Movement, spp: string, sps: string): string {
  return `re-join: recorded between ${movement.sps} and ${movement.spp}, wanted between ${sps} and ${spp}; SPP keeps its entry and with it the access policies`;
}

/**
 * Checks the repair of a recorded join. Only a refused login is a failure: all other problems may disappear during the waits of the update.
 */
async function previewRepair(
  olds: SppJoinState,
  news: SppJoinKnown,
  context: OperationContext,
): Promise<Pick<PreviewResult, "failures" | "notes">> {
  const changes = diff("", olds, news);
  if (!isIncomplete(changes) || isRecordOnly(changes, news) || hasUnknown(news)) return NOTHING_TO_SAY;
  const { unacknowledged, failures } = await proveIfPossible(olds, news, context);
  // Each further attempt counts towards the account lock.
  const refused = failures.filter(({ code }) => code !== undefined && entryOf(code).kind === "login");
  if (refused.length > 0) {
    const { message } = notProved(news, `the update would fail: ${reasonsOf(refused)}`);
    return { failures: [{ path: "", reason: message }], notes: [] };
  }
  const obstacles = [...failures.map(({ reason }) => reason), ...(unacknowledged ? [unacknowledged] : [])];
  if (obstacles.length === 0) return NOTHING_TO_SAY;
  const recorded = `sps ${olds.sps.address}: the recorded join to spp ${olds.spp.address} is ${outputsOf(olds).health}`;
  const text = `${recorded}; a new join request of the update would be refused: ${obstacles.join("; ")}`;
  return { failures: [], notes: [{ severity: "warning", text }] };
}

/** A failed read may succeed in the update, which repeats it. */
async function proveIfPossible(olds: SppJoinState, news: SppJoinKnown, context: OperationContext): Promise<Obstacles> {
  try {
    return await proveRequest(news, undefined, context, { recordedSppId: olds.sppApplianceId });
  } catch (error) {
    if (!(error instanceof SafeguardError)) throw error;
    return { unacknowledged: error.text.cause, failures: [] };
  }
}
