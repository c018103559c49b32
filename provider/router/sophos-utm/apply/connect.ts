import type { SophosUtmConnection } from "../../../core/connection";
import { operationContext } from "../../../core/context";
import type { PlatformContext, RouterIdentity } from "../../platform";
import { UtmClient } from "./utm-client";

/** Opens a further connection, to prove that a new one works; then works and closes it. */
export type WithNewConnection = <T>(
  work: (client: UtmClient) => Promise<T>,
  options?: { evenIfCancelled: boolean },
) => Promise<T>;

/** The router in messages: `router 10.0.0.1`, with the port unless it is 4444. */
export function identify({ address, port }: SophosUtmConnection): RouterIdentity {
  const key = `${address}:${port}`;
  return { object: `router ${port === 4444 ? address : key}`, address: key, key };
}

/** Does the work over a connection of its own, while no other work of this process uses the router. */
export async function withUtm<T>(
  router: SophosUtmConnection,
  context: PlatformContext,
  work: (client: UtmClient, withNewConnection: WithNewConnection) => Promise<T>,
): Promise<T> {
  const { object } = identify(router);
  const over: WithNewConnection = async (task, { evenIfCancelled } = { evenIfCancelled: false }) => {
    const signal = evenIfCancelled ? new AbortController().signal : context.signal;
    const client = await UtmClient.open(object, router, operationContext({ ...context, signal }));
    try {
      return await task(client);
    } finally {
      await client.close();
    }
  };
  return await context.exclusively(() => over((client) => work(client, over)));
}
