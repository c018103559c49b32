import type { OperationContext } from "../../../core/context";
import { type RemoteShell, type RunOptions, type ScriptResult, ShellFailure } from "../../../ssh/shell";
import { routerError } from "../../failures";
import { APPLIED, type ApplyOutcome, applyScript, parseApplyOutput } from "../../guard/scripts/apply-script";
import {
  type Protection,
  parseSettled,
  parseVerdict,
  SETTLING_SCRIPT,
  type SettledRun,
} from "../../guard/scripts/guard-scripts";
import {
  ENVIRONMENT,
  LOCK_LIMIT_SECONDS,
  LOCKED,
  ONLY_LOCKED,
  OPENING_SCRIPT,
  UNPACKS,
} from "../../guard/scripts/opening-script";
import { packScript } from "../../guard/scripts/packed-script";
import { type Probe, type ProbeResult, parseProbes, probingText } from "../../guard/scripts/probes";
import type { Judgement } from "../../guard/session/confirm";
import type { Found } from "../model/found";
import type { Step } from "../plan/steps";
import { parseReadBack } from "../read/read-back";
import { type ReadScope, readScript } from "../read/read-script";

/** Limit of reading a router, and of changing it, in seconds. */
const WORK_LIMIT_SECONDS = 120;

/** What became of changes, and what is on the router after they succeeded. */
export type Applied =
  | { outcome: Exclude<ApplyOutcome, { kind: "applied" }> }
  | { outcome: { kind: "applied" }; found: Found; before: ProbeResult[] };

/** Opens a root shell over a connection of its own; `close` ends both. */
export type NewShell = (dialLimitSeconds: number) => Promise<NewLogin>;

/** A root shell on a connection of its own. */
export interface NewLogin {
  shell: RemoteShell;
  close: () => void;
}

/** A shell with root rights on a Linux router that no other run works on meanwhile. */
export class LinuxSession {
  private opened: Promise<void> = Promise.resolve();
  private isUnpacking = false;
  private begunLogin: Promise<NewLogin> | undefined;

  private constructor(
    private readonly shell: RemoteShell,
    /** The router in messages. */
    readonly object: string,
    private readonly context: OperationContext,
    private readonly newShell: NewShell,
  ) {}

  /**
   * Prepares the shell and waits for its turn on the router, while what comes first is sent already. Reading and
   * changing throws SafeguardError SG3006 without root rights, SG3009 without a usable shell, SG3010 when another run
   * does not end.
   */
  static open(shell: RemoteShell, object: string, context: OperationContext, newShell: NewShell): LinuxSession {
    const session = new LinuxSession(shell, object, context, newShell);
    session.opened = session.open();
    session.opened.catch(() => "told to whoever reads or changes");
    return session;
  }

  private async open(): Promise<void> {
    const { object, shell, context } = this;
    const step = "open a root shell";
    const limitSeconds = LOCK_LIMIT_SECONDS + 15;
    const opened = await shell
      .run(OPENING_SCRIPT, { limitSeconds, signal: context.signal, keepsState: true })
      .catch((error: unknown) => {
        if (!(error instanceof ShellFailure) || error.kind !== "ended") throw this.explain(error, step);
        const said = error.stderr.split("\n").at(-1) || "it ended at once";
        const failure = /sudo|password|root|permitted|allowed/i.test(said) ? "noRootRights" : "noShell";
        throw routerError(failure, { object, step, cause: said }, { cause: error });
      });
    const said = opened.stdout.trim();
    this.isUnpacking = said === `${LOCKED} ${UNPACKS}`;
    if (said === LOCKED || this.isUnpacking) return;
    throw routerError("routerLocked", { object, step: "wait for other runs", cause: said || opened.stderr.trim() });
  }

  /**
   * Reads what is on the router. Changes nothing.
   * @throws SafeguardError SG3007 or SG3008 when the answer does not come, SG3101 or SG3102 when it is of no use.
   */
  async read(scope: ReadScope): Promise<Found> {
    return parseReadBack(await this.run(readScript(scope), "read the router"), this.object);
  }

  /**
   * Takes back what earlier runs have left unconfirmed, then reads what is on the router.
   * @throws SafeguardError as `read`.
   */
  async settleAndRead(scope: ReadScope): Promise<{ found: Found; settled: SettledRun[] }> {
    const script = `${SETTLING_SCRIPT}\n${readScript(scope)}`;
    const output = await this.run(script, "read the router");
    return { found: parseReadBack(output, this.object), settled: parseSettled(output.stdout) };
  }

  /**
   * Makes the changes, once the router's timer is armed to take them back, and reads what is there then, in one go.
   * The probes are tried before. Calls back as soon as the changes are made, while the router is still read back; what
   * is returned is the limit of the new login that begins then, in seconds. `noting` is shell text that runs beside the
   * reading back.
   * @throws SafeguardError when the answer does not come; then it is unknown what was changed.
   */
  async apply(
    steps: readonly Step[],
    scope: ReadScope,
    protection: Protection,
    probes: readonly Probe[] = [],
    onApplied?: () => number,
    noting?: string,
  ): Promise<Applied> {
    const script = applyScript(steps, protection, probingText(probes), beside(noting, readScript(scope)));
    const output = await this.run(
      script,
      "change the router",
      onApplied && {
        text: APPLIED,
        run: () => {
          this.begunLogin = this.newShell(onApplied());
          this.begunLogin.catch(() => "told to whoever judges");
        },
      },
    );
    const outcome = parseApplyOutput(output, steps);
    if (outcome.kind !== "applied") return { outcome };
    const before = parseProbes(output.stdout, probes);
    return { outcome, found: parseReadBack(output, this.object), before };
  }

  /**
   * Runs a script that changes what outlives a restart.
   * @throws SafeguardError when the answer does not come.
   */
  async persist(script: string): Promise<ScriptResult> {
    return await this.run(script, "keep the redirections over restarts");
  }

  /** Runs a script that changes nothing. @throws SafeguardError when the answer does not come. */
  async ask(script: string, step: string): Promise<ScriptResult> {
    return await this.run(script, step);
  }

  /** Runs a guard script over this connection. @throws ShellFailure when no answer comes. */
  async judge(script: string, runSeconds: number): Promise<Judgement> {
    const { signal } = this.context;
    const output = await this.shell.run(script, { limitSeconds: runSeconds, signal });
    return { ...output, verdict: parseVerdict(output.stdout) };
  }

  /**
   * Runs a guard script over a new connection: the one that was begun when the changes were made, if it was not used
   * yet. @throws SafeguardError SG3001 to SG3007; ShellFailure.
   */
  async judgeAnew(script: string, limits: { dialSeconds: number; runSeconds: number }): Promise<Judgement> {
    const begun = this.begunLogin ?? this.newShell(limits.dialSeconds);
    this.begunLogin = undefined;
    const { shell, close } = await begun;
    try {
      const sent = this.isUnpacking ? `${ENVIRONMENT}\n${packScript(script)}` : script;
      const output = await shell.run(sent, { limitSeconds: limits.runSeconds, signal: this.context.signal });
      return { ...output, verdict: parseVerdict(output.stdout) };
    } finally {
      close();
    }
  }

  /** Ends a login that was begun and not used. */
  close(): void {
    this.begunLogin?.then(
      ({ close }) => close(),
      () => "there was none",
    );
    this.begunLogin = undefined;
  }

  /** Runs a script once the shell alone works on the router; it is on its way before that is known. */
  private async run(script: string, step: string, onceSaid?: RunOptions["onOutput"]): Promise<ScriptResult> {
    const { signal } = this.context;
    const whole = `${ONLY_LOCKED}\n${this.isUnpacking ? packScript(script) : script}`;
    const answer = this.shell.run(whole, {
      limitSeconds: WORK_LIMIT_SECONDS,
      signal,
      ...(onceSaid && { onOutput: onceSaid }),
    });
    answer.catch(() => "told below, unless the shell was no use from the beginning");
    await this.opened;
    return await answer.catch((error: unknown) => {
      throw this.explain(error, step);
    });
  }

  private explain(error: unknown, step: string): unknown {
    if (!(error instanceof ShellFailure)) return error;
    const failure = error.kind === "too-slow" ? "tooSlow" : "connectionLost";
    const last = error.stderr.split("\n").at(-1);
    const cause = `${error.message}${last ? ` (${last})` : ""}`;
    return routerError(failure, { object: this.object, step, cause }, { cause: error });
  }
}

/** Shell text that runs something quietly while something else runs, and waits for both. */
function beside(quiet: string | undefined, text: string): string {
  if (quiet === undefined) return text;
  return `(\n${quiet}\n) </dev/null >/dev/null 2>&1 9>&- &\nsps_beside=$!\n${text}\nwait "$sps_beside" || true`;
}
