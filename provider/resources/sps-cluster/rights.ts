import { SafeguardError } from "../../core/errors";
import { mayChange, readAllowedEndpoints } from "../../sps/account";
import { SpsRefusal } from "../../sps/client";
import type { InterfacePlans } from "./interfaces";
import type { ConnectedNode } from "./nodes";

/** The parts of the API that a node's account must be able to change. */
const CLUSTER = { path: "/api/cluster", right: "Cluster management" };
const LOCAL_SERVICES = { path: "/api/configuration/local_services", right: "Local services" };

/**
 * Refuses nodes whose accounts may not make the cluster. A node that does not report the rights passes.
 * @throws SafeguardError SG1014
 */
export async function refuseMissingRights(nodes: readonly ConnectedNode[], plans: InterfacePlans): Promise<void> {
  const lacking = await Promise.all(nodes.map((node) => missingRight(node, plans.get(node) !== undefined)));
  for (const failure of lacking) if (failure) throw failure;
}

/**
 * The error for a right that the account of a node lacks; undefined when it lacks none.
 * @param isInterfaceDue whether the cluster interface of the node has to be enabled
 */
export async function missingRight(
  { client }: ConnectedNode,
  isInterfaceDue: boolean,
): Promise<SafeguardError | undefined> {
  const endpoints = await readAllowedEndpoints(client).catch((error: unknown) => {
    if (error instanceof SpsRefusal && [403, 404].includes(error.status)) return undefined;
    throw error;
  });
  const needed = isInterfaceDue ? [CLUSTER, LOCAL_SERVICES] : [CLUSTER];
  const missing = needed.find(({ path }) => mayChange(endpoints, path) === false);
  return (
    missing &&
    new SafeguardError({
      code: "SG1014",
      object: client.object,
      step: "check rights",
      cause: `user ${client.connection.username} may not change ${missing.path}; nothing was changed`,
      remedy: `give the user read and write/perform on Basic Settings > ${missing.right}`,
    })
  );
}
