import { type Command, invalid } from "../command";

/**
 * Transactions: what is entered after `start transaction` is applied by `commit` all at once, or not at all, and forgotten by
 * `rollback`. Assumed: the prompt stays, and until then everything is shown as it was.
 */
export const TRANSACTION_COMMANDS: Command[] = [
  {
    pattern: "start transaction",
    run: (session) => {
      session.transaction ??= [];
      return undefined;
    },
  },
  {
    pattern: "commit",
    run: (session) => (session.transaction ? session.commit() : invalid("commit")),
  },
  {
    pattern: "rollback",
    run: (session) => {
      if (!session.transaction) return invalid("rollback");
      session.transaction = undefined;
      return undefined;
    },
  },
];
