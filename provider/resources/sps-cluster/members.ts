import { messageOf, SafeguardError } from "../../core/errors";
import { poll } from "../../core/poll";
import { SpsRefusal } from "../../sps/client";
import { isMember, listNodes } from "../../sps/cluster";
import { joinMember } from "../../sps/cluster-changes";
import type { Convergence } from "./convergence";
import { type ConnectedNode, entryOf } from "./nodes";

/** Three report intervals of a node (SPS REST reference §9.1). */
const FIRST_CONFIGURATION_SECONDS = 30;

/** Number of parallel joins: each keeps a transaction open until the Central Management node accepts the node. */
const AT_ONCE = 4;

/**
 * Joins the missing nodes, some in parallel. After a failure no further join starts; running joins finish first, so that none stops between
 * its two commits.
 */
export async function joinMembers(
  central: ConnectedNode,
  members: readonly ConnectedNode[],
  convergence: Convergence,
): Promise<void> {
  const { nodes: listed } = await listNodes(central.client);
  const waiting: (() => Promise<void>)[] = [];
  for (const member of members) {
    const entry = entryOf(member, listed);
    if (!entry) waiting.push(() => join(central, member, convergence));
    else if (!(await isMember(member.client))) waiting.push(() => joinUnlessInformed(central, member, convergence));
  }
  const failures: unknown[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next && failures.length === 0; next = waiting.shift()) {
      await next().catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0) throw failures[0];
}

async function join(central: ConnectedNode, member: ConnectedNode, convergence: Convergence): Promise<void> {
  const { context, journal, timeouts } = convergence;
  context.log.info(`${member.client.object}: joining the cluster of ${central.ip}`);
  await journal.step(`${member.clusterAddress}: joined the cluster`, async () => {
    try {
      member.nodeId = await joinMember(central.client, central.ip, member.client, timeouts.stepSeconds);
    } catch (error) {
      throw isRefusedRequest(error) ? requestRefused(error) : error;
    }
  });
}

/** A newly accepted node learns of the cluster with its next report. It joins again only if it never does. */
async function joinUnlessInformed(
  central: ConnectedNode,
  member: ConnectedNode,
  convergence: Convergence,
): Promise<void> {
  const { client } = member;
  const limitSeconds = Math.min(FIRST_CONFIGURATION_SECONDS, convergence.timeouts.stepSeconds);
  const begun = Date.now();
  const isInformed = await poll<boolean>(
    convergence.context,
    {
      object: client.object,
      awaiting: "its first configuration from the cluster that lists it",
      limitSeconds: limitSeconds + 1,
      code: "SG1202",
    },
    async () => {
      if (await isMember(client)) return { done: true };
      const isOver = Date.now() - begun > limitSeconds * 1000;
      return isOver ? { done: false } : { seen: "it knows no cluster yet" };
    },
  );
  if (!isInformed) await joinAgain(central, member, convergence);
}

/** The cluster lists the node, but the node knows no cluster: it was accepted without its own commit. */
async function joinAgain(central: ConnectedNode, member: ConnectedNode, convergence: Convergence): Promise<void> {
  const { context, journal, timeouts } = convergence;
  context.log.info(`${member.client.object}: the cluster lists the node, but it knows no cluster; joining again`);
  try {
    await journal.step(`${member.clusterAddress}: joined the cluster again`, async () => {
      member.nodeId = await joinMember(central.client, central.ip, member.client, timeouts.stepSeconds);
    });
  } catch (error) {
    if (!(error instanceof SpsRefusal) || ![400, 409].includes(error.status)) throw error;
    // The node may not have its configuration yet; the wait for its first report decides.
    context.log.warn(`${messageOf(error)}; if the node never reports, remove its entry and run pulumi up again`);
  }
}

function isRefusedRequest(error: unknown): error is SpsRefusal {
  return (
    error instanceof SpsRefusal &&
    [400, 409].includes(error.status) &&
    error.text.step === "POST /api/cluster/join_request"
  );
}

/** The answer of a node that asked before and was never accepted is not documented (SPS REST reference §7.3). */
function requestRefused(error: SpsRefusal): SafeguardError {
  return new SafeguardError(
    {
      code: "SG1214",
      object: error.text.object,
      step: "ask to join the cluster",
      cause: error.text.cause,
    },
    { cause: error },
  );
}
