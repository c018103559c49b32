import { parseSettled, SETTLING_SCRIPT, type SettledRun } from "../../guard/scripts/guard-scripts";
import type { ShellSession, Transaction } from "../../guard/session/shell-session";
import type { Outcome } from "../../guard/session/transaction";
import type { Found } from "../model/found";
import { parseReadBack } from "../read/read-back";
import { type ReadScope, readScript } from "../read/read-script";

const STEP = "read the router";

/** The part of a session that Linux routers need. */
export type LinuxSession = Pick<ShellSession, "object" | "run" | "runGuard" | "runGuardOnNewLogin"> & {
  /**
   * Reads the state of the router.
   * @throws SafeguardError SG3101 or SG3102 when the answer is unusable
   */
  read(scope: ReadScope): Promise<Found>;
  /** Rolls back unconfirmed changes of earlier runs, then reads. Throws as `read`. */
  settleAndRead(scope: ReadScope): Promise<{ found: Found; settled: SettledRun[] }>;
  /** Makes changes and reads the router back. Throws when it is unknown what was changed. */
  apply(transaction: Omit<Transaction, "reading">, scope: ReadScope): Promise<Outcome<Found>>;
};

/** A shell on a Linux router that parses the answers into the Linux model. */
export function linuxSession(shell: ShellSession): LinuxSession {
  const { object } = shell;
  return {
    object,
    run: (script, step) => shell.run(script, step),
    runGuard: (script, runSeconds) => shell.runGuard(script, runSeconds),
    runGuardOnNewLogin: (script, limits) => shell.runGuardOnNewLogin(script, limits),
    read: async (scope) => parseReadBack(await shell.run(readScript(scope), STEP), object),
    settleAndRead: async (scope) => {
      const output = await shell.run(`${SETTLING_SCRIPT}\n${readScript(scope)}`, STEP);
      return { found: parseReadBack(output, object), settled: parseSettled(output.stdout) };
    },
    apply: async (transaction, scope) => {
      const { outcome, output, before } = await shell.apply({ ...transaction, reading: readScript(scope) });
      return outcome.kind === "applied" ? { outcome, found: parseReadBack(output, object), before } : { outcome };
    },
  };
}
