import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "../core/context";
import { entryOf, SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import { AnswerLost } from "../https/failures";
import { readClusterOperation } from "../spp/appliance-reads";
import type { SppClient } from "../spp/client";
import { findSessionModule, isLinked, linkState } from "../spp/session-modules";
import { readNow } from "../spp/status";
import { type SpsClient, SpsRefusal } from "../sps/client";
import { isOperationPending, joinError, recogniseJoinFailure } from "./join-failures";

/** SPS calls SPP before it answers; the vendor's clients allow minutes (SPS REST reference §10.2). */
const JOIN_ANSWER_SECONDS = 150;
/** After a cancel, so that the outcome is known; within the 10 s that a provider process may live on. */
const SECONDS_AFTER_CANCEL = 4;
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
 * Sends the join request when SPP runs no cluster operation. When another operation starts first, SPP refuses the request and nothing has
 * changed; it is then sent again after that operation.
 * @param prepare called before each request: whether it is due, needed no more, or another program on this machine is sending one
 * @throws SafeguardError SG2113 at the limit, and those of `sendJoin`
 */
export async function sendWhenIdle(
  spp: SppClient,
  limitSeconds: number,
  context: OperationContext,
  prepare: () => Promise<"due" | "joined" | "claimed">,
  send: () => Promise<void>,
): Promise<void> {
  const end = Date.now() + limitSeconds * 1000;
  for (;;) {
    await awaitIdleCluster(spp, Math.max(1, (end - Date.now()) / 1000), context);
    const next = await prepare();
    if (next === "joined") return;
    if (next === "claimed") {
      if (Date.now() >= end) throw operationPending(spp);
      context.log.info(
        `${spp.object}: another program on this machine sends the join request; waiting for its outcome`,
      );
      await pause(PAUSE_MILLISECONDS, undefined, { signal: context.signal });
      continue;
    }
    try {
      return await send();
    } catch (error) {
      const isPending = error instanceof JoinRefused && error.code === "SG2113";
      if (!isPending || Date.now() >= end) throw error;
      context.log.info(`${spp.object}: another cluster operation started first; waiting for its end`);
      await pause(PAUSE_MILLISECONDS, undefined, { signal: context.signal });
    }
  }
}

/** Pause before a refused request is sent again. */
const PAUSE_MILLISECONDS = 1000;

/**
 * Sends the one irreversible request. If the outcome is in doubt, SPP's list of nodes decides.
 * @throws SafeguardError of the catalogue (SG21xx), SG2112 unknown outcome, SG2113 other operation, SG2126 SPS did not get SPP's answer
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
      { answerSeconds: JOIN_ANSWER_SECONDS, secondsAfterCancel: SECONDS_AFTER_CANCEL },
    );
  } catch (error) {
    const failure = recogniseJoinFailure(error);
    const isInDoubt =
      failure !== undefined || error instanceof AnswerLost || (error instanceof SpsRefusal && error.status >= 500);
    if (!isInDoubt) throw error;
    if (!failure) context.log.warn(`${sps.object}: the outcome of the join request is not known; asking ${spp.object}`);
    const entry = await findSessionModule(spp, nodeId);
    const isListed = isLinked(linkState(entry));
    if (!failure) {
      if (isListed) return;
      return await awaitListing(spp, nodeId, order.trustSeconds, context).catch((late: unknown) => {
        throw error instanceof SpsRefusal ? withAnswer(late, sps, error) : late;
      });
    }
    if (isListed && failure === "SG2103") return;
    if (isOperationPending(error)) {
      // The operation may be the join of this node by another program.
      if (isListed) return;
      throw new JoinRefused(operationPending(spp));
    }
    if (isListed && (failure === "SG2107" || failure === "SG2199")) throw answerLost(sps, entry?.id);
    const explained = joinError(failure, sps.object, error);
    throw isListed ? explained : new JoinRefused(explained);
  }
}

/** The same failure with what SPS answered, which is where to look first. */
function withAnswer(late: unknown, { object }: SpsClient, { status }: SpsRefusal): unknown {
  if (!(late instanceof SafeguardError)) return late;
  const cause = `${object} answered the join request with ${status}, and SPP lists no entry: ${late.text.cause}`;
  const remedy = `check the load and the log of SPS, then ${late.text.remedy}`;
  return new SafeguardError({ ...late.text, cause, remedy }, { cause: late });
}

/** SPP lists the node, so the failure that SPS reports concerns the answer, not the request. */
function answerLost({ object }: SpsClient, entry: number | undefined): SafeguardError {
  const cause = `SPP has accepted the join (entry ${entry}), and SPS did not get the answer, so the handshake cannot be completed`;
  return new SafeguardError({ code: "SG2126", object, step: "join spp", cause });
}

function operationPending({ object }: SppClient): SafeguardError {
  return new SafeguardError({ code: "SG2113", object, step: "join spp", cause: "it runs another cluster operation" });
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
