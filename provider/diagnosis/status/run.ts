import type { z } from "zod";
import { operationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { checkedOptions } from "../../core/function-options";
import { isSameName } from "../../core/names";
import { observeJoin, withBoth } from "../../join/sides";
import { SpsClient } from "../../sps/client";
import { CENTRAL_MANAGEMENT, listNodes, ownNode, readInfo } from "../../sps/cluster";
import { readMemberReports, syncProblem } from "../../sps/member-reports";
import { getClusterStatusFunction, getJoinStatusFunction } from "./functions";

/** Options of `getClusterStatus`. */
export type ClusterStatusOptions = z.input<typeof getClusterStatusFunction.inputs>;
/** What `getClusterStatus` returns. */
export type ClusterStatus = z.output<typeof getClusterStatusFunction.outputs>;
/** Options of `getJoinStatus`. */
export type JoinStatusOptions = z.input<typeof getJoinStatusFunction.inputs>;
/** What `getJoinStatus` returns. */
export type JoinStatus = z.output<typeof getJoinStatusFunction.outputs>;

const contextOf = (signal: AbortSignal | undefined) => operationContext({ ...(signal && { signal }) });

/** The work of `getClusterStatus`, which is loaded on its first call. Throws as `getClusterStatus`. */
export async function runClusterStatus(
  options: ClusterStatusOptions,
  signal: AbortSignal | undefined,
): Promise<ClusterStatus> {
  const { sps } = checkedOptions(getClusterStatusFunction.inputs, options);
  const client = await SpsClient.open(sps, contextOf(signal));
  try {
    return await readCluster(client);
  } finally {
    await client.close();
  }
}

/** The work of `getJoinStatus`, which is loaded on its first call. Throws as `getJoinStatus`. */
export async function runJoinStatus(options: JoinStatusOptions, signal: AbortSignal | undefined): Promise<JoinStatus> {
  const connections = checkedOptions(getJoinStatusFunction.inputs, options);
  const { outputs, forbidden } = await withBoth(connections, contextOf(signal), observeJoin);
  return { ...outputs, unreadable: forbidden };
}

async function readCluster(client: SpsClient): Promise<ClusterStatus> {
  const [{ firmwareVersion: version, roles: ownRoles }, cluster] = await Promise.all([
    readInfo(client),
    listNodes(client),
  ]);
  const own = ownNode(cluster);
  if (!own) return { clusterId: "", version, nodes: [] };
  if (!ownRoles.includes(CENTRAL_MANAGEMENT)) {
    const central = cluster.nodes.find(({ roles }) => roles.includes(CENTRAL_MANAGEMENT));
    throw new SafeguardError({
      code: "SG2110",
      object: client.object,
      step: "read cluster",
      cause: "the node is not the Central Management node, and only that knows the state of the others",
      ...(central && { remedy: `set sps.address to ${central.address}` }),
    });
  }
  const reports = await readMemberReports(client);
  const nodes = cluster.nodes.map(({ nodeId, address, roles }) => {
    const report = reports.find((one) => isSameName(one.nodeId, nodeId));
    const problem = nodeId === own.nodeId ? undefined : syncProblem(report);
    return {
      nodeId,
      address,
      hostName: report?.hostName ?? "",
      roles,
      synchronized: problem === undefined,
      problem: problem ?? "",
      ...(report?.lastSeen !== undefined && { lastSeen: report.lastSeen }),
    };
  });
  return { clusterId: own.nodeId, version, nodes };
}
