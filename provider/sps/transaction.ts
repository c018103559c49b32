import type { OperationContext } from "../core/context";
import { messageOf, type SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import { AnswerLost } from "../https/failures";
import { transactionAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

/** Maximum number of expired sessions during one transaction: each earlier commit may restart services once. */
const SESSION_ENDS = 3;

/** The step in the errors of a commit. */
const COMMIT = "PUT /api/transaction";

/** Statuses that a retry of opening cannot fix. The status for the lock is not documented (§5.7). */
const FINAL = new Set([401, 403, 404, 405, 411]);

/**
 * Runs changes inside one configuration transaction: open, change, commit. Failures and cancellation roll back, so that no lock remains.
 * While another administrator holds the lock, opening is retried until the limit (§5.7). Requests inside a transaction are never repeated,
 * with two exceptions: a commit without any effect, and a few times the whole transaction after its session ended, because services may
 * restart after an earlier commit (§5.9) and then nothing is in force. When the outcome of the commit is unknown, `isInForce` reads it.
 * @throws SafeguardError SG1204 when the configuration stays locked, SpsRefusal when the node refuses a request.
 */
export async function inTransaction<T>(
  client: SpsClient,
  limitSeconds: number,
  work: () => Promise<T>,
  isInForce?: () => Promise<boolean>,
): Promise<T> {
  for (let ends = 1; ; ends += 1) {
    let isOpen = false;
    try {
      await open(client, client.context, limitSeconds);
      isOpen = true;
      const result = await work();
      await commit(client, limitSeconds, isInForce);
      return result;
    } catch (error) {
      await rollBack(client);
      if (!isOpen || ends > SESSION_ENDS || !isSessionEnd(error, client)) throw error;
      client.context.log.debug(`${client.object}: the session expired in the middle of a transaction; repeating it`);
    }
  }
}

function isSessionEnd(error: unknown, client: SpsClient): boolean {
  return error instanceof SpsRefusal && error.status === 401 && error.text.object === client.object;
}

async function open(client: SpsClient, context: OperationContext, limitSeconds: number): Promise<void> {
  let logins = 0;
  await poll(
    context,
    {
      object: client.object,
      awaiting: "the configuration lock",
      limitSeconds,
      code: "SG1204",
    },
    async () => {
      try {
        await client.send("POST", "/api/transaction");
        return { done: undefined };
      } catch (error) {
        // The session may have expired during work on other nodes. No transaction is open yet, so a new login loses nothing.
        if (logins < SESSION_ENDS && error instanceof SpsRefusal && error.status === 401) {
          logins += 1;
          await client.login();
          return { seen: "the session had expired" };
        }
        const isLost = error instanceof AnswerLost;
        if (!isLost && (!(error instanceof SpsRefusal) || FINAL.has(error.status))) throw error;
        // This session may have an open transaction, from the lost request or from before. Rolling back ends it.
        if (isLost || error.status === 400) await rollBack(client);
        return { seen: error.text.cause };
      }
    },
  );
}

/** A commit completes even when the user cancels, so that two nodes are not left with different configurations. */
async function commit(client: SpsClient, limitSeconds: number, isInForce?: () => Promise<boolean>): Promise<void> {
  const send = () => client.send("PUT", "/api/transaction", { status: "commit" }, { evenIfCancelled: true });
  try {
    await send();
  } catch (error) {
    if (!isInDoubt(error)) throw error;
    client.context.log.warn(`${client.object}: the outcome of the commit is not known; reading it`);
    const read = () => client.get("/api/transaction", transactionAnswer);
    const status = await client.retryUntilAnswered("an answer about the commit", limitSeconds, read);
    if (status === "open") await send();
    else if (!(await isInForce?.())) throw error;
  }
}

/** Whether an error of a transaction means that its commit may have taken effect. */
export function isCommitInDoubt(error: unknown, client: SpsClient): boolean {
  return isInDoubt(error) && error.text.object === client.object && error.text.step === COMMIT;
}

function isInDoubt(error: unknown): error is SafeguardError {
  return error instanceof AnswerLost || (error instanceof SpsRefusal && error.status >= 500);
}

/** Best effort: the transaction ends with its session anyway, and the first error is the one to report. */
async function rollBack(client: SpsClient): Promise<void> {
  try {
    await client.send("DELETE", "/api/transaction", undefined, { answerSeconds: 5, evenIfCancelled: true });
  } catch (error) {
    client.context.log.debug(`${client.object}: rolling back failed too: ${messageOf(error)}`);
  }
}
