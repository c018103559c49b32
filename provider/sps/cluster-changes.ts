import { SafeguardError } from "../core/errors";
import { exclusively } from "../core/lock";
import { poll } from "../core/poll";
import { joinRequestAnswer, nodeAnswer } from "./answers";
import type { SpsClient } from "./client";
import { CENTRAL_MANAGEMENT, type ClusterNode, listNodeIds, nodePath, readInfo, sameRoles } from "./cluster";
import { inTransaction, isCommitInDoubt } from "./transaction";
import { toWritableObject } from "./whole-object";

/**
 * Makes one change of a node, and ends when the node takes logins again: a commit may end the session (§5.9). A session
 * has one transaction, so changes of one node wait for each other.
 */
function change(
  client: SpsClient,
  limitSeconds: number,
  work: () => Promise<unknown>,
  isInForce: () => Promise<boolean>,
): Promise<void> {
  return exclusively(`changes of ${client.object}:${client.connection.port}`, async () => {
    await inTransaction(client, limitSeconds, work, isInForce);
    await client.loginAgain(limitSeconds);
  });
}

/** Makes the node the Central Management node of a cluster of its own (§7.2); cannot be undone. */
export async function promote(client: SpsClient, limitSeconds: number): Promise<void> {
  const isPromoted = async () => (await readInfo(client)).roles.includes(CENTRAL_MANAGEMENT);
  await change(client, limitSeconds, () => client.send("POST", "/api/cluster/promote"), isPromoted);
  await poll(
    client.context,
    {
      object: client.object,
      awaiting: "the Central Management role",
      limitSeconds,
      remedy: "open Basic Settings > Cluster management on the node, then run pulumi up again",
      code: "SG1207",
    },
    async () => {
      const { roles } = await readInfo(client);
      return roles.includes(CENTRAL_MANAGEMENT)
        ? { done: undefined }
        : { seen: `roles: ${roles.join(", ") || "none"}` };
    },
  );
}

/**
 * Joins a node to the cluster (§7.3): the node asks, the Central Management node accepts, then the node commits, and the
 * Central Management node last. In this order whatever is interrupted can be done once more: a node may ask again, while
 * a cluster that has accepted a node may refuse it the second time (§7.3, 400), and its entry cannot be removed by REST
 * (§8.5). Several nodes may join at a time; the Central Management node accepts one after the other, because whether it
 * takes several transactions at once depends on its version (§5.7).
 * @returns the node id of the new member.
 */
export async function joinMember(
  centralManagement: SpsClient,
  centralManagementIp: string,
  member: SpsClient,
  limitSeconds: number,
): Promise<string> {
  const path = "/api/cluster/join_request";
  let acceptance: Acceptance | undefined;
  const request = async () => {
    // Asked again because the session expired: the earlier acceptance is void.
    acceptance?.abandon();
    const answer = await member.send("POST", path, { central_management_address: centralManagementIp });
    const { address, node_id, psk } = member.expect(`POST ${path}`, answer, joinRequestAnswer).body;
    acceptance = accept(centralManagement, limitSeconds, { address, node_id, psk, roles: [] });
    await acceptance.isAccepted;
    return node_id;
  };
  const ask = async () => {
    try {
      return await inTransaction(member, limitSeconds, request);
    } catch (error) {
      acceptance?.abandon();
      await acceptance?.isCommitted.catch(() => undefined);
      throw error;
    }
  };
  const nodeId = await ask().catch((error: unknown) => {
    // Whether a node has asked cannot be read, so in doubt about its commit it asks once more, with another key.
    if (!isCommitInDoubt(error, member)) throw error;
    return ask();
  });
  acceptance?.commit();
  // Both end before a failure of one is thrown, so that no transaction is left open, also when the user cancels.
  const endings = await Promise.allSettled([acceptance?.isCommitted, member.loginAgain(limitSeconds)]);
  for (const ending of endings) if (ending.status === "rejected") throw ending.reason;
  return nodeId;
}

/** An acceptance that waits, in its open transaction, for the node that asked to commit. */
interface Acceptance {
  isAccepted: Promise<void>;
  commit(): void;
  /** Rolls back. */
  abandon(): void;
  /** Ends with the commit and the login after it; rejects when nothing was committed. */
  isCommitted: Promise<void>;
}

function accept(
  client: SpsClient,
  limitSeconds: number,
  node: { node_id: string } & Record<string, unknown>,
): Acceptance {
  const accepted = deferred();
  const decided = deferred();
  const send = async () => {
    await client.send("POST", "/api/cluster/nodes", node);
    accepted.resolve();
    await decided.promise;
  };
  const isListed = async () => (await listNodeIds(client)).nodeIds.includes(node.node_id);
  const isCommitted = change(client, limitSeconds, send, isListed);
  for (const promise of [decided.promise, isCommitted]) promise.catch(() => undefined);
  isCommitted.catch(accepted.reject);
  const abandon = () => decided.reject(new Error("the node that asked did not commit"));
  return { isAccepted: accepted.promise, commit: decided.resolve, abandon, isCommitted };
}

function deferred() {
  let resolve = () => {};
  let reject = (_reason: unknown) => {};
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}

/** What a node that the cluster lists shall be. */
export interface NodeChange {
  node: ClusterNode;
  address: string;
  roles: string[];
}

/**
 * Gives nodes their roles and addresses in one transaction, in the given order (§8.3, §8.4), and verifies that they
 * were kept: unknown or refused ones can vanish silently (§4.4).
 * @throws SafeguardError SG1208 when the cluster keeps something else.
 */
export async function changeNodes(
  centralManagement: SpsClient,
  changes: readonly NodeChange[],
  limitSeconds: number,
): Promise<void> {
  const read = async ({ node }: NodeChange) => (await centralManagement.get(nodePath(node.nodeId), nodeAnswer)).body;
  // Read before the transaction: a login within it, should the session have ended, would lose it unnoticed.
  const bodies = await Promise.all(
    changes.map(async (wanted) => {
      const { address, roles } = wanted;
      return { path: nodePath(wanted.node.nodeId), body: { ...toWritableObject(await read(wanted)), address, roles } };
    }),
  );
  const send = async () => {
    for (const { path, body } of bodies) await centralManagement.send("PUT", path, body);
  };
  const kept = () => Promise.all(changes.map(async (wanted) => ({ wanted, found: await read(wanted) })));
  const isInForce = async () => (await kept()).every(({ wanted, found }) => isAsWanted(wanted, found));
  await change(centralManagement, limitSeconds, send, isInForce);
  const lost = (await kept()).find(({ wanted, found }) => !isAsWanted(wanted, found));
  if (!lost) return;
  const { wanted, found } = lost;
  throw new SafeguardError({
    code: "SG1208",
    object: centralManagement.object,
    step: `assign roles of ${wanted.address}`,
    cause: `asked for ${described(wanted)}, the cluster keeps ${described(found)}`,
    remedy: "choose roles and an address this firmware allows together",
  });
}

/** Gives a node that keeps its address its roles. @throws SafeguardError SG1208 */
export function setRoles(
  centralManagement: SpsClient,
  node: ClusterNode,
  roles: string[],
  limitSeconds: number,
): Promise<void> {
  return changeNodes(centralManagement, [{ node, address: node.address, roles }], limitSeconds);
}

type Described = Pick<ClusterNode, "address" | "roles">;

function isAsWanted(wanted: Described, found: Described): boolean {
  return found.address === wanted.address && sameRoles(found.roles, wanted.roles);
}

function described({ address, roles }: Described): string {
  return `${roles.join(", ") || "no role"} at ${address}`;
}
