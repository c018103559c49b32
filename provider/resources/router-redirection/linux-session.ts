import type { OperationContext } from "../../core/context";
import { routerError } from "../../router/failures";
import { type ApplyOutcome, applyScript, parseApplyOutput } from "../../router/linux/apply-script";
import type { Found } from "../../router/linux/found";
import {
  type Protection,
  parseSettled,
  parseVerdict,
  SETTLING_SCRIPT,
  type SettledRun,
} from "../../router/linux/guard-scripts";
import { LOCK_LIMIT_SECONDS, LOCKED, OPENING_SCRIPT } from "../../router/linux/opening-script";
import { type Probe, type ProbeResult, parseProbes, probingText } from "../../router/linux/probes";
import { parseReadBack } from "../../router/linux/read-back";
import { type ReadScope, readScript } from "../../router/linux/read-script";
import type { Step } from "../../router/linux/steps";
import { type RemoteShell, ShellFailure } from "../../ssh/shell";
import type { Judgement } from "./protect";

/** Limit of reading a router, and of changing it, in seconds. */
const WORK_LIMIT_SECONDS = 120;

/** What became of changes, and what is on the router after they succeeded. */
export type Applied =
  | { outcome: Exclude<ApplyOutcome, { kind: "applied" }> }
  | { outcome: { kind: "applied" }; found: Found; before: ProbeResult[] };

/** Opens a root shell over a connection of its own; `close` ends both. */
export type NewShell = (dialLimitSeconds: number) => Promise<{ shell: RemoteShell; close: () => void }>;

/** A shell with root rights on a Linux router that no other run works on meanwhile. */
export class LinuxSession {
  private constructor(
    private readonly shell: RemoteShell,
    /** The router in messages. */
    readonly object: string,
    private readonly context: OperationContext,
    private readonly newShell: NewShell,
  ) {}

  /**
   * Prepares the shell and waits for its turn on the router.
   * @throws SafeguardError SG3006 without root rights, SG3009 without a usable shell, SG3010 when another run does not end.
   */
  static async open(
    shell: RemoteShell,
    object: string,
    context: OperationContext,
    newShell: NewShell,
  ): Promise<LinuxSession> {
    const step = "open a root shell";
    const session = new LinuxSession(shell, object, context, newShell);
    const limitSeconds = LOCK_LIMIT_SECONDS + 15;
    const opened = await shell
      .run(OPENING_SCRIPT, { limitSeconds, signal: context.signal, isKept: true })
      .catch((error: unknown) => {
        if (!(error instanceof ShellFailure) || error.kind !== "ended") throw session.explain(error, step);
        const said = error.stderr.split("\n").at(-1) || "it ended at once";
        const failure = /sudo|password|root|permitted|allowed/i.test(said) ? "noRootRights" : "noShell";
        throw routerError(failure, { object, step, cause: said }, { cause: error });
      });
    const said = opened.stdout.trim();
    if (said === LOCKED) return session;
    throw routerError("routerLocked", { object, step: "wait for other runs", cause: said || opened.stderr.trim() });
  }

  /**
   * Reads what is on the router. Changes nothing.
   * @throws SafeguardError SG3007 or SG3008 when the answer does not come, SG3101 or SG3102 when it is of no use.
   */
  async read(scope: ReadScope): Promise<Found> {
    const step = "read the router";
    const output = await this.shell.run(readScript(scope), this.runOptions).catch((error: unknown) => {
      throw this.explain(error, step);
    });
    return parseReadBack(output, this.object);
  }

  /**
   * Takes back what earlier runs have left unconfirmed, then reads what is on the router.
   * @throws SafeguardError as `read`.
   */
  async settleAndRead(scope: ReadScope): Promise<{ found: Found; settled: SettledRun[] }> {
    const script = `${SETTLING_SCRIPT}\n${readScript(scope)}`;
    const output = await this.shell.run(script, this.runOptions).catch((error: unknown) => {
      throw this.explain(error, "read the router");
    });
    return { found: parseReadBack(output, this.object), settled: parseSettled(output.stdout) };
  }

  /**
   * Makes the changes, once the router's timer is armed to take them back, and reads what is there then, in one go.
   * The probes are tried before.
   * @throws SafeguardError when the answer does not come; then it is unknown what was changed.
   */
  async apply(
    steps: readonly Step[],
    scope: ReadScope,
    protection: Protection,
    probes: readonly Probe[] = [],
  ): Promise<Applied> {
    const script = applyScript(steps, protection, probingText(probes), readScript(scope));
    const output = await this.shell.run(script, this.runOptions).catch((error: unknown) => {
      throw this.explain(error, "change the router");
    });
    const outcome = parseApplyOutput(output, steps);
    if (outcome.kind !== "applied") return { outcome };
    const before = parseProbes(output.stdout, probes);
    return { outcome, found: parseReadBack(output, this.object), before };
  }

  /** Runs a guard script over this connection. @throws ShellFailure when no answer comes. */
  async judge(script: string, runSeconds: number): Promise<Judgement> {
    const { signal } = this.context;
    const output = await this.shell.run(script, { limitSeconds: runSeconds, signal });
    return { ...output, verdict: parseVerdict(output.stdout) };
  }

  /** Runs a guard script over a new connection. @throws SafeguardError SG3001 to SG3007; ShellFailure. */
  async judgeAnew(script: string, limits: { dialSeconds: number; runSeconds: number }): Promise<Judgement> {
    const { shell, close } = await this.newShell(limits.dialSeconds);
    try {
      const output = await shell.run(script, { limitSeconds: limits.runSeconds, signal: this.context.signal });
      return { ...output, verdict: parseVerdict(output.stdout) };
    } finally {
      close();
    }
  }

  private get runOptions() {
    return { limitSeconds: WORK_LIMIT_SECONDS, signal: this.context.signal };
  }

  private explain(error: unknown, step: string): unknown {
    if (!(error instanceof ShellFailure)) return error;
    const failure = error.kind === "too-slow" ? "tooSlow" : "connectionLost";
    const last = error.stderr.split("\n").at(-1);
    const cause = `${error.message}${last ? ` (${last})` : ""}`;
    return routerError(failure, { object: this.object, step, cause }, { cause: error });
  }
}
