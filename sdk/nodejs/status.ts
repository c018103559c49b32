import type {
  ClusterStatus,
  ClusterStatusOptions,
  JoinStatus,
  JoinStatusOptions,
} from "../../provider/diagnosis/status/run";

export type {
  ClusterStatus,
  ClusterStatusOptions,
  JoinStatus,
  JoinStatusOptions,
} from "../../provider/diagnosis/status/run";

// Programs that only declare resources load none of it.
const load = () =>
  require("../../provider/diagnosis/status/run") as typeof import("../../provider/diagnosis/status/run");

/**
 * Reads an SPS cluster from its Central Management node, without changing anything.
 * @throws TypeError when the options are not valid, naming each property; SafeguardError when the node cannot be read, or is a member
 * (SG2110); the signal's reason when it aborts
 */
export async function getClusterStatus(
  options: ClusterStatusOptions,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<ClusterStatus> {
  return load().runClusterStatus(options, signal);
}

/**
 * Reads the join of an SPS cluster and SPP from both sides, without changing anything.
 * @throws TypeError when the options are not valid, naming each property; SafeguardError when one side cannot be read; the signal's reason
 * when it aborts
 */
export async function getJoinStatus(
  options: JoinStatusOptions,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<JoinStatus> {
  return load().runJoinStatus(options, signal);
}
