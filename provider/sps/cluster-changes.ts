import { SafeguardError } from "../core/errors";
import { exclusively } from "../core/lock";
import { poll } from "../core/poll";
import { joinRequestAnswer, nodeAnswer } from "./answers";
import type { SpsClient } from "./client";
import { CENTRAL_MANAGEMENT, type ClusterNode, listNodeIds, nodePath, readInfo, sameRoles } from "./cluster";
import { inTransaction, isCommitInDoubt } from "./transaction";
import { toWritableObject } from "./whole-object";

/**
 * Makes one change of a node and waits until the node accepts logins again, because a commit may end the session (§5.9). A session has one
 * transaction, so changes of one node run one after the other.
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

/** Makes the node the Central Management node of its own cluster (§7.2); cannot be undone. */
export async function promote(client: SpsClient, limitSeconds: number): Promise<void> {
  const isPromoted = async () => (await readInfo(client)).roles.includes(CENTRAL_MANAGEMENT);
  await change(client, limitSeconds, () => client.send("POST", "/api/cluster/promote"), isPromoted);
  await poll(
    client.context,
    {
      object: client.object,
      awaiting: "the Central Management role",
      limitSeconds,
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
 * Joins a node to the cluster (§7.3): the node asks, the Central Management node accepts, the node commits, and the Central Management node
 * commits last. In this order every interrupted join can be repeated: a node may ask again, but a cluster that accepted a node may refuse
 * it the second time (§7.3, 400), and REST cannot remove its entry (§8.5). Several nodes may join in parallel. The Central Management node
 * accepts them one by one, because parallel transactions depend on its version (§5.7).
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
    // The node asks again because the session expired, so the earlier acceptance is void.
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
    // The request of a node cannot be read back, so a commit in doubt makes the node ask again, with another key.
    if (!isCommitInDoubt(error, member)) throw error;
    return ask();
  });
  acceptance?.commit();
  // Both must end before an error is thrown, so that no transaction stays open, even when the user cancels.
  const endings = await Promise.allSettled([acceptance?.isCommitted, member.loginAgain(limitSeconds)]);
  for (const ending of endings) if (ending.status === "rejected") throw ending.reason;
  return nodeId;
}

/** A pending acceptance in its open transaction, which waits for the commit of the node. */
interface Acceptance {
  isAccepted: Promise<void>;
  commit(): void;
  /** Rolls back. */
  abandon(): void;
  /** Resolves after the commit and the next login; rejects when nothing was committed. */
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

/** The wanted settings of a node that the cluster lists. */
export interface NodeChange {
  node: ClusterNode;
  address: string;
  roles: string[];
}

/**
 * Assigns roles and addresses to nodes in one transaction, in the given order (§8.3, §8.4), and reads them back: SPS can silently drop
 * unknown or refused ones (§4.4).
 * @throws SafeguardError SG1208 when the cluster keeps other settings.
 */
export async function changeNodes(
  centralManagement: SpsClient,
  changes: readonly NodeChange[],
  limitSeconds: number,
): Promise<void> {
  const read = async ({ node }: NodeChange) => (await centralManagement.get(nodePath(node.nodeId), nodeAnswer)).body;
  // Read before the transaction: a new login inside it would silently lose the transaction.
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
  });
}

/**
 * Assigns the roles of a node and keeps its address.
 * @throws SafeguardError SG1208
 */
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
