import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import type { Journal } from "../core/journal";
import { poll } from "../core/poll";
import { AnswerLost } from "../https/failures";
import { clusterLock } from "../spp/answers";
import type { SppClient } from "../spp/client";
import { findSessionModule, type LinkState, linkState, readCertificateChain } from "../spp/session-modules";
import { type SpsClient, SpsRefusal } from "../sps/client";
import { joinError, overFiveMinutes, recogniseJoinFailure } from "./catalogue";
import { type JoinOutputs, observeJoin, readBothSides } from "./sides";

export interface JoinOrder {
  sps: SpsClient;
  spp: SppClient;
  /** Address of SPP as SPS shall use it; must stand in SPP's certificate. */
  sppAddress: string;
  /** Node id the Central Management node must have; not compared when undefined. */
  clusterId: string | undefined;
  /** Limit of the wait for trust, in seconds; the vendor's own limit for the handshake is five minutes. */
  trustSeconds: number;
  /** Limit of the wait for the objects SPS makes, in seconds. */
  policySeconds: number;
}

/** SPS calls SPP before it answers; the vendor's clients allow minutes (SPS REST reference §10.2). */
const JOIN_ANSWER_SECONDS = 150;

/**
 * Joins the two appliances, from wherever they are: what is already done is only verified. Sends at most one join
 * request, and none while SPP lists the node or is busy with another cluster operation.
 * @throws SafeguardError of the catalogue (SG21xx), SG2110–SG2115; what was begun stands in the journal
 */
export async function runJoin(order: JoinOrder, context: OperationContext, journal: Journal): Promise<JoinOutputs> {
  const { sps, spp } = order;
  context.log.info(`join ${sps.object} to ${spp.object}: examining both sides`);
  await awaitIdleCluster(order, context);
  const sides = await readBothSides(sps, spp, order.clusterId);
  if (!isLinked(sides.link)) {
    const chain = await readCertificateChain(spp, sides.applianceId, order.sppAddress);
    context.log.info(`join ${sps.object} to ${spp.object}: sending the join request (once)`);
    await journal.step("join request sent", () => sendJoin(order, sides.nodeId, chain, context), isRefusal);
  } else {
    context.log.info(
      `join ${sps.object} to ${spp.object}: SPP already lists the node (${sides.link}), nothing is sent`,
    );
  }
  await awaitTrust(order, sides.nodeId, context);
  context.log.info(`join ${sps.object} to ${spp.object}: SPP trusts the node`);
  const outputs = await awaitPolicies(order, context);
  context.log.info(
    `join ${sps.object} to ${spp.object}: SPS has made ${outputs.policies.length} safeguard_default objects`,
  );
  return outputs;
}

/** The join request was refused, and SPP lists nothing: both sides are as they were before. */
class JoinRefused extends SafeguardError {}

function isRefusal(error: unknown): boolean {
  return error instanceof JoinRefused || (error instanceof SpsRefusal && error.status < 500);
}

/** The one irreversible request. In doubt about its outcome, SPP is asked whether it lists the node. */
async function sendJoin(order: JoinOrder, nodeId: string, chain: string, context: OperationContext): Promise<void> {
  const { sps, spp } = order;
  try {
    await sps.send(
      "POST",
      "/api/cluster/spp",
      { spp: order.sppAddress, spp_api_token: spp.userToken, spp_cert_chain: chain },
      { answerSeconds: JOIN_ANSWER_SECONDS },
    );
  } catch (error) {
    const failure = recogniseJoinFailure(error);
    const isInDoubt =
      failure !== undefined || error instanceof AnswerLost || (error instanceof SpsRefusal && error.status >= 500);
    if (!isInDoubt) throw error;
    if (!failure) context.log.warn(`${sps.object}: the outcome of the join request is not known; asking ${spp.object}`);
    const isListed = isLinked(linkState(await findSessionModule(spp, nodeId)));
    if (!failure) return isListed ? undefined : await awaitListing(order, nodeId, context);
    if (isListed && failure.name === "already-linked") return;
    const explained = joinError(failure, sps.object, error);
    throw isListed ? explained : new JoinRefused(explained.text, { cause: error });
  }
}

function isLinked(link: LinkState): boolean {
  return link === "trusted" || link === "untrusted";
}

/** After a lost answer the node may still be listed while SPP works on it; a second request is never the answer. */
async function awaitListing(order: JoinOrder, nodeId: string, context: OperationContext): Promise<void> {
  await poll(
    context,
    {
      object: order.spp.object,
      awaiting: "an entry for the node whose join request got no answer",
      limitSeconds: Math.min(30, order.trustSeconds),
      remedy:
        "wait five minutes, then run pulumi up again: it asks SPP first, and sends a request only if there is no entry",
      code: "SG2112",
    },
    async () => {
      const link = linkState(await findSessionModule(order.spp, nodeId));
      return isLinked(link) ? { done: undefined } : { seen: `link: ${link}` };
    },
  );
}

/** Only one cluster operation runs on SPP at a time, and a join is one (SPP REST reference §6). */
async function awaitIdleCluster(order: JoinOrder, context: OperationContext): Promise<void> {
  await poll(
    context,
    {
      object: order.spp.object,
      awaiting: "the end of the running cluster operation",
      limitSeconds: order.trustSeconds,
      remedy: "let the operation end (Appliance Management > Cluster), then run pulumi up again",
      code: "SG2113",
    },
    async () => {
      const { Operation } = await order.spp.get("core", "Cluster/Status", clusterLock);
      return Operation === "None" ? { done: undefined } : { seen: `operation ${Operation}` };
    },
  );
}

/** SPP gives up a handshake after five minutes and then drops its entry, which no later look would show. */
async function awaitTrust(order: JoinOrder, nodeId: string, context: OperationContext): Promise<void> {
  let wasUntrusted = false;
  await poll(
    context,
    {
      object: order.spp.object,
      awaiting: "trust in the joined node",
      limitSeconds: order.trustSeconds,
      maximumMilliseconds: 400,
      remedy: "look at the load of both appliances, wait five minutes, then run pulumi up again",
      code: "SG2114",
    },
    async () => {
      const link = linkState(await findSessionModule(order.spp, nodeId));
      if (wasUntrusted && !isLinked(link)) throw joinError(overFiveMinutes(), order.sps.object);
      wasUntrusted ||= link === "untrusted";
      return link === "trusted" ? { done: undefined } : { seen: `link: ${link}` };
    },
  );
}

/** How many objects SPS makes is not documented, so two looks in a row must agree. */
async function awaitPolicies(order: JoinOrder, context: OperationContext): Promise<JoinOutputs> {
  let before = "";
  return poll<JoinOutputs>(
    context,
    {
      object: order.sps.object,
      awaiting: "its safeguard_default objects",
      limitSeconds: order.policySeconds,
      firstMilliseconds: 300,
      maximumMilliseconds: 800,
      remedy: "look at the log of SPS (filter SPP-join), then run pulumi up again",
      code: "SG2115",
    },
    async () => {
      const { outputs, forbidden } = await observeJoin(order.sps, order.spp);
      const now = outputs.policies.join();
      const isSettled = outputs.health === "joined" && now === before;
      before = now;
      if (isSettled) return { done: outputs };
      const hidden = forbidden.length > 0 ? `, ${forbidden.length} lists this user may not read` : "";
      return { seen: `${outputs.health}, ${outputs.policies.length} objects${hidden}` };
    },
  );
}
