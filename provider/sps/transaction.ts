import type { OperationContext } from "../core/context";
import { messageOf, type SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import { AnswerLost } from "../https/failures";
import { transactionAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

/** How often a session may end in the way of one transaction: each commit before it may restart services once. */
const SESSION_ENDS = 3;

/** The step that errors of a commit name. */
const COMMIT = "PUT /api/transaction";

/** Statuses that opening again cannot fix; which one means the lock is not documented (§5.7). */
const FINAL = new Set([401, 403, 404, 405, 411]);

/**
 * Runs changes inside one configuration transaction: open, change, commit. Whatever fails is rolled back, also when
 * the user cancelled, so that no lock stays behind. While another administrator holds the configuration, opening is
 * tried again until the limit (§5.7). Nothing that was sent inside a transaction is ever repeated, save a commit that
 * demonstrably did nothing, and, a few times, the whole of a transaction that ended with its session: services may
 * restart some time after the commit before (§5.9), and nothing of it is in force then. When the outcome of the commit
 * is not known, `isInForce` reads it.
 * @throws SafeguardError SG1204 when the configuration stays locked, SpsRefusal for what the node refuses.
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
      remedy: "let the other administrator leave the configuration pages, then run pulumi up again",
      code: "SG1204",
    },
    async () => {
      try {
        await client.send("POST", "/api/transaction");
        return { done: undefined };
      } catch (error) {
        // The session may have ended while other nodes were worked on; nothing is open yet that could be lost.
        if (logins < SESSION_ENDS && error instanceof SpsRefusal && error.status === 401) {
          logins += 1;
          await client.login();
          return { seen: "the session had expired" };
        }
        const isLost = error instanceof AnswerLost;
        if (!isLost && (!(error instanceof SpsRefusal) || FINAL.has(error.status))) throw error;
        // Perhaps one of this session is open: from the lost request, or from before. After rolling back none is.
        if (isLost || error.status === 400) await rollBack(client);
        return { seen: error.text.cause };
      }
    },
  );
}

/** A commit ends also when the user cancels: what was committed on one node is finished on the other. */
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

/** Tells of a failed transaction of a node that its commit may have taken effect. */
export function isCommitInDoubt(error: unknown, client: SpsClient): boolean {
  return isInDoubt(error) && error.text.object === client.object && error.text.step === COMMIT;
}

function isInDoubt(error: unknown): error is SafeguardError {
  return error instanceof AnswerLost || (error instanceof SpsRefusal && error.status >= 500);
}

/** Best effort: the transaction ends with its session anyway, and the first error is the one worth reporting. */
async function rollBack(client: SpsClient): Promise<void> {
  try {
    await client.send("DELETE", "/api/transaction", undefined, { answerSeconds: 5, evenIfCancelled: true });
  } catch (error) {
    client.context.log.debug(`${client.object}: rolling back failed too: ${messageOf(error)}`);
  }
}
