import { parseSettled, SETTLING_SCRIPT, type SettledRun } from "../../guard/scripts/guard-scripts";
import type { ShellSession, Transaction } from "../../guard/session/shell-session";
import type { Outcome } from "../../guard/session/transaction";
import type { Found } from "../model/found";
import { parseReadBack } from "../read/read-back";
import { type ReadScope, readScript } from "../read/read-script";

const STEP = "read the router";

/** What is needed of a session on a Linux router. */
export type LinuxSession = Pick<ShellSession, "object" | "run" | "runGuard" | "runGuardOnNewLogin"> & {
  /** Reads what is on the router. @throws SafeguardError SG3101 or SG3102 when the answer is of no use */
  read(scope: ReadScope): Promise<Found>;
  /** Rolls back what earlier runs have left unconfirmed, then reads. Throws as `read`. */
  settleAndRead(scope: ReadScope): Promise<{ found: Found; settled: SettledRun[] }>;
  /** Makes changes and reads what is there then. Throws when it is unknown what was changed. */
  apply(transaction: Omit<Transaction, "reading">, scope: ReadScope): Promise<Outcome<Found>>;
};

/** A shell on a Linux router, which reads it in the terms of Linux. */
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
