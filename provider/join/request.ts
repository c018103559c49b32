import type { OperationContext } from "../core/context";
import { entryOf, SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import { AnswerLost } from "../https/failures";
import { readClusterOperation } from "../spp/appliance-reads";
import type { SppClient } from "../spp/client";
import { findSessionModule, isLinked, linkState } from "../spp/session-modules";
import { readNow } from "../spp/status";
import { type SpsClient, SpsRefusal } from "../sps/client";
import { joinError, recogniseJoinFailure } from "./join-failures";

/** SPS calls SPP before it answers; the vendor's clients allow minutes (SPS REST reference §10.2). */
const JOIN_ANSWER_SECONDS = 150;
/** Time limit for SPP to list a node whose join request got no answer. */
const LISTING_SECONDS = 30;

/** The join request was refused and SPP lists no node, so both sides are unchanged. */
class JoinRefused extends SafeguardError {
  constructor({ text, cause }: SafeguardError) {
    super(text, { cause });
  }
}

/** Whether an error of `sendJoin` means that both sides are unchanged. */
export function isRefusal(error: unknown): boolean {
  return error instanceof JoinRefused || (error instanceof SpsRefusal && error.status < 500);
}

/** Whether the request may be repeated as soon as the cause of the error is fixed. */
export function mayBeRepeatedAtOnce(error: unknown): boolean {
  return error instanceof JoinRefused ? entryOf(error.code).retryAfterSeconds === undefined : isRefusal(error);
}

/**
 * Sends the one irreversible request. If the outcome is in doubt, SPP's list of nodes decides.
 * @throws SafeguardError of the catalogue (SG21xx), SG2112 unknown outcome
 */
export async function sendJoin(
  order: { sps: SpsClient; spp: SppClient; sppAddress: string; nodeId: string; chain: string; trustSeconds: number },
  context: OperationContext,
): Promise<void> {
  const { sps, spp, sppAddress, nodeId, chain } = order;
  try {
    await sps.send(
      "POST",
      "/api/cluster/spp",
      { spp: sppAddress, spp_api_token: spp.userToken, spp_cert_chain: chain },
      { answerSeconds: JOIN_ANSWER_SECONDS },
    );
  } catch (error) {
    const failure = recogniseJoinFailure(error);
    const isInDoubt =
      failure !== undefined || error instanceof AnswerLost || (error instanceof SpsRefusal && error.status >= 500);
    if (!isInDoubt) throw error;
    if (!failure) context.log.warn(`${sps.object}: the outcome of the join request is not known; asking ${spp.object}`);
    const isListed = isLinked(linkState(await findSessionModule(spp, nodeId)));
    if (!failure) return isListed ? undefined : await awaitListing(spp, nodeId, order.trustSeconds, context);
    if (isListed && failure === "SG2103") return;
    const explained = joinError(failure, sps.object, error);
    throw isListed ? explained : new JoinRefused(explained);
  }
}

/** After a lost answer, SPP may list the node only later. The request is never repeated. */
async function awaitListing(
  spp: SppClient,
  nodeId: string,
  trustSeconds: number,
  context: OperationContext,
): Promise<void> {
  await poll(
    context,
    {
      object: spp.object,
      awaiting: "an entry for the node whose join request got no answer",
      limitSeconds: Math.min(LISTING_SECONDS, trustSeconds),
      // SPP processes the request, so its clock decides.
      now: () => readNow(spp),
      code: "SG2112",
    },
    async () => {
      const link = linkState(await findSessionModule(spp, nodeId));
      return isLinked(link) ? { done: undefined } : { seen: `link: ${link}` };
    },
  );
}

/**
 * SPP runs one cluster operation at a time, and a join is one (SPP REST reference §6).
 * @throws SafeguardError SG2113
 */
export async function awaitIdleCluster(spp: SppClient, limitSeconds: number, context: OperationContext): Promise<void> {
  await poll(
    context,
    {
      object: spp.object,
      awaiting: "the end of the running cluster operation",
      limitSeconds,
      code: "SG2113",
    },
    async () => {
      const operation = await readClusterOperation(spp);
      return operation ? { seen: `operation ${operation.name}` } : { done: undefined };
    },
  );
}
