import type { OperationContext } from "../core/context";
import { messageOf } from "../core/errors";
import { poll } from "../core/poll";
import { type SpsClient, SpsRefusal } from "./client";

/** Statuses that repeating the transaction cannot mend (§5.7). */
const FINAL = new Set([400, 401, 403, 404, 405, 411]);

/**
 * Runs changes inside one configuration transaction: open, change, commit. Whatever fails inside is rolled back, so
 * that no lock stays behind. While another administrator holds the configuration, opening is tried again until the
 * limit (§5.7); nothing that was sent inside a transaction is ever repeated.
 * @throws SafeguardError SG1204 when the configuration stays locked, SpsRefusal for what the node refuses.
 */
export async function inTransaction<T>(client: SpsClient, limitSeconds: number, work: () => Promise<T>): Promise<T> {
  await open(client, client.context, limitSeconds);
  try {
    const result = await work();
    await client.send("PUT", "/api/transaction", { status: "commit" });
    return result;
  } catch (error) {
    await rollBack(client);
    throw error;
  }
}

async function open(client: SpsClient, context: OperationContext, limitSeconds: number): Promise<void> {
  await poll(
    context,
    {
      object: client.object,
      awaiting: "the configuration lock",
      limitSeconds,
      remedy: "let the other administrator leave the configuration pages, then run pulumi up again",
      code: "SG1204",
    },
    async () => {
      try {
        await client.send("POST", "/api/transaction");
        return { done: undefined };
      } catch (error) {
        if (!(error instanceof SpsRefusal) || FINAL.has(error.status)) throw error;
        return { seen: error.text.cause };
      }
    },
  );
}

/** Best effort: the transaction ends with its session anyway, and the first error is the one worth reporting. */
async function rollBack(client: SpsClient): Promise<void> {
  try {
    await client.send("DELETE", "/api/transaction");
  } catch (error) {
    client.context.log.debug(`${client.object}: rolling back failed too: ${messageOf(error)}`);
  }
}
