import { SafeguardError } from "../../core/errors";
import { readPairing, refusesPair } from "../../sps/high-availability";
import type { ReachedNode } from "./nodes";

/** Refuses high-availability pairs before anything is changed, as far as they tell. @throws SafeguardError SG1211 */
export async function refusePairs(nodes: readonly ReachedNode[]): Promise<void> {
  const pairings = await Promise.all(nodes.map(({ client }) => readPairing(client)));
  const pair = nodes[pairings.indexOf("pair")];
  if (pair) throw pairRefused(pair, "it is a high-availability pair");
}

/** Makes a step whose refusal may be the first word about a pair. @throws SafeguardError SG1211 */
export async function unlessPair<T>(node: ReachedNode, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusesPair(error) ? pairRefused(node, error.text.cause) : error;
  }
}

function pairRefused(node: ReachedNode, cause: string): SafeguardError {
  return new SafeguardError({
    code: "SG1211",
    object: node.client.object,
    step: "become part of a cluster",
    cause,
    remedy:
      "a pair cannot be a node: take the pair apart at Basic Settings > High Availability, or use another appliance",
  });
}
