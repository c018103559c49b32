import { setMaxListeners } from "node:events";
import type { ApplianceConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { messageOf } from "../../core/errors";
import { hasUnknown, type Unknown } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { SpsClient } from "../../sps/client";
import { looksJoined } from "../../sps/configuration";
import type { ClusterChanges } from "./changes";
import { joinsLate, LOSES_RECORDINGS } from "./joined";

/** How long a preview asks the Central Management node at most, in milliseconds. */
const ASKING_MILLISECONDS = 10_000;

/**
 * Says in a preview what a change of the inputs cannot do or should not: a removed node stays, a node that is added
 * after the join to SPP is trouble, recordings may not be lost. Asks the Central Management node only for the last two.
 */
export async function foresee(
  changes: ClusterChanges,
  central: ApplianceConnection | Unknown | object,
  context: OperationContext,
): Promise<InputFailure[]> {
  const { added, removed, losing } = changes;
  if (removed.length > 0) context.log.warn(staysMember(removed));
  if (added.length === 0 && losing.length === 0) return [];
  const joined = await askWhetherJoined(central, context);
  if (joined === false) return [];
  if (joined === true) {
    if (added.length > 0) context.log.warn(joinsLate(added));
    return losing.map((path) => ({
      path,
      reason: `Invalid value for ${path}: search-minion. It was search-local, and ${LOSES_RECORDINGS}. Allowed values are: search-local, search-master.`,
    }));
  }
  context.log.warn(
    `whether the cluster is joined to SPP is not known yet (${joined}); it is asked again before anything is changed`,
  );
  return [];
}

/** There is no REST operation, and no documented procedure, that takes a node out (SPS REST reference §8.5). */
function staysMember(nodes: readonly string[]): string {
  return (
    `members no longer name ${nodes.join(", ")}: SPS has no documented REST operation that takes a node out of its ` +
    "cluster, so it stays a member as it is and stays among the outputs; name it again, or retire it with the help of " +
    "One Identity and run pulumi refresh (a node that only has another address now is recognized by its id)"
  );
}

async function askWhetherJoined(
  central: ApplianceConnection | Unknown | object,
  context: OperationContext,
): Promise<boolean | string> {
  if (!isKnown(central)) return "the connection to the Central Management node is not known yet";
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(ASKING_MILLISECONDS)]);
  setMaxListeners(0, signal);
  try {
    const client = await SpsClient.open(central, { ...context, signal });
    try {
      return await looksJoined(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    return messageOf(error);
  }
}

function isKnown(connection: ApplianceConnection | Unknown | object): connection is ApplianceConnection {
  return !hasUnknown(connection);
}
