import type { OperationContext } from "../../../core/context";
import { SafeguardError } from "../../../core/errors";
import { type RemoteShell, type RunOptions, type ScriptResult, ShellFailure } from "../../../ssh/shell";
import { APPLIED, type ApplyOutcome, applyScript, parseApplyOutput } from "../scripts/apply-script";
import { clishAnswer } from "../scripts/clish-answer";
import { type Protection, parseVerdict, type Verdict } from "../scripts/guard-scripts";
import {
  ENVIRONMENT,
  LACKING,
  LOCK_LIMIT_SECONDS,
  LOCKED,
  ONLY_LOCKED,
  OPENING_SCRIPT,
  UNPACKS,
} from "../scripts/opening-script";
import { packScript } from "../scripts/packed-script";
import { type Probe, type ProbeResult, parseProbes, probingText } from "../scripts/probes";
import type { Step } from "../scripts/shell-text";

/** Time limit of one script, in seconds. */
const WORK_LIMIT_SECONDS = 120;

const FAILURE_CODES = { ended: "SG3007", "too-slow": "SG3008", "too-long": "SG3015" } as const;

/** Changes to make as one transaction. */
export interface Transaction {
  steps: readonly Step[];
  protection: Protection;
  /** Probes that run before the changes. */
  probes: readonly Probe[];
  /** Shell text that reads the router back after the changes. */
  reading: string;
  /** Shell text that runs in parallel to the reading, without output. */
  background?: string | undefined;
  /**
   * Called as soon as the changes are made, before the reading. Returns the time limit of the new login that starts
   * then, in seconds.
   */
  onApplied?: (() => number) | undefined;
}

/** The outcome of a transaction; `output` holds the state read back when all changes were made. */
export interface TransactionResult {
  outcome: ApplyOutcome;
  output: ScriptResult;
  /** The results of the probes that ran before the changes. */
  before: ProbeResult[];
}

/** The output of a guard script. */
export interface GuardResult {
  verdict?: Verdict | undefined;
  stdout: string;
  stderr: string;
}

/** Opens a root shell over a connection of its own. */
export type NewShell = (dialLimitSeconds: number) => Promise<NewLogin>;

/** A root shell on its own connection; `close` ends both. */
export interface NewLogin {
  shell: RemoteShell;
  close: () => void;
}

/** A root POSIX shell on a router that holds the lock of the router. */
export class ShellSession {
  private opened: Promise<void> = Promise.resolve();
  private isUnpacking = false;
  private startedLogin: Promise<NewLogin> | undefined;

  private constructor(
    private readonly shell: RemoteShell,
    /** The name of the router in messages. */
    readonly object: string,
    private readonly context: OperationContext,
    private readonly newShell: NewShell,
  ) {}

  /**
   * Prepares the shell and waits for the lock of the router; the first script is sent without waiting for the answer.
   * Running scripts throws SafeguardError SG3006 without root rights, SG3009 without a usable shell, SG3010 when
   * another run keeps the lock, SG3101 when the router lacks a utility.
   */
  static open(shell: RemoteShell, object: string, context: OperationContext, newShell: NewShell): ShellSession {
    const session = new ShellSession(shell, object, context, newShell);
    session.opened = session.open();
    session.opened.catch(() => {
      // Reported by the first script.
    });
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
        const clish = clishAnswer(error.stdout);
        if (clish) throw new SafeguardError({ code: "SG3009", object, step, ...clish }, { cause: error });
        const message = error.stderr.split("\n").at(-1) || "it ended at once";
        const code = /sudo|password|root|permitted|allowed/i.test(message) ? "SG3006" : "SG3009";
        throw new SafeguardError({ code, object, step, cause: message }, { cause: error });
      });
    const answer = opened.stdout.trim();
    this.isUnpacking = answer === `${LOCKED} ${UNPACKS}`;
    if (answer === LOCKED || this.isUnpacking) return;
    const [, lacking] = new RegExp(`^${LACKING} (.+)$`).exec(answer) ?? [];
    if (lacking !== undefined) {
      const cause = `it has no ${lacking.replaceAll(" ", ", ")}`;
      const remedy = "install coreutils, grep, sed and awk on the router, or BusyBox with these commands";
      throw new SafeguardError({ code: "SG3101", object, step: "check the router", cause, remedy });
    }
    throw new SafeguardError({
      code: "SG3010",
      object,
      step: "wait for other runs",
      cause: answer || opened.stderr.trim(),
    });
  }

  /**
   * Runs a script once the shell holds the lock.
   * @param step what the script does, for messages
   * @throws SafeguardError SG3007, SG3008 or SG3015 when no whole answer arrives
   */
  async run(script: string, step: string, onOutput?: RunOptions["onOutput"]): Promise<ScriptResult> {
    const { signal } = this.context;
    const whole = `${ONLY_LOCKED}\n${this.isUnpacking ? packScript(script) : script}`;
    const answer = this.shell.run(whole, { limitSeconds: WORK_LIMIT_SECONDS, signal, ...(onOutput && { onOutput }) });
    answer.catch(() => {
      // Reported below, unless opening the shell failed already.
    });
    await this.opened;
    return await answer.catch((error: unknown) => {
      throw this.explain(error, step);
    });
  }

  /**
   * Arms the rollback timer, makes the changes and reads the router back, all in one script.
   * @throws SafeguardError when no answer arrives; then it is unknown what was changed
   */
  async apply(transaction: Transaction): Promise<TransactionResult> {
    const { steps, protection, probes, reading, background, onApplied } = transaction;
    const script = applyScript(steps, protection, probingText(probes), withBackground(background, reading));
    const onOutput = onApplied && { text: APPLIED, run: () => this.startLogin(onApplied()) };
    const output = await this.run(script, "change the router", onOutput);
    return { outcome: parseApplyOutput(output, steps), output, before: parseProbes(output.stdout, probes) };
  }

  /**
   * Runs a guard script over this connection.
   * @throws ShellFailure when no answer arrives
   */
  async runGuard(script: string, runSeconds: number): Promise<GuardResult> {
    const { signal } = this.context;
    const output = await this.shell.run(script, { limitSeconds: runSeconds, signal });
    return { ...output, verdict: parseVerdict(output.stdout) };
  }

  /**
   * Runs a guard script over a new login. It uses the login that started when the changes were made, if that is still
   * unused.
   * @throws SafeguardError SG3001 to SG3007; ShellFailure
   */
  async runGuardOnNewLogin(script: string, limits: { dialSeconds: number; runSeconds: number }): Promise<GuardResult> {
    const begun = this.startedLogin ?? this.newShell(limits.dialSeconds);
    this.startedLogin = undefined;
    const { shell, close } = await begun;
    try {
      const sent = this.isUnpacking ? `${ENVIRONMENT}\n${packScript(script)}` : script;
      const output = await shell.run(sent, { limitSeconds: limits.runSeconds, signal: this.context.signal });
      return { ...output, verdict: parseVerdict(output.stdout) };
    } finally {
      close();
    }
  }

  /** Ends a login that was started and not used. */
  close(): void {
    this.startedLogin?.then(
      ({ close }) => close(),
      () => {
        // The login failed, so there is no connection to close.
      },
    );
    this.startedLogin = undefined;
  }

  private startLogin(limitSeconds: number): void {
    this.startedLogin = this.newShell(limitSeconds);
    this.startedLogin.catch(() => {
      // Reported by the guard script that uses it.
    });
  }

  private explain(error: unknown, step: string): unknown {
    if (!(error instanceof ShellFailure)) return error;
    const code = FAILURE_CODES[error.kind];
    const last = error.stderr.split("\n").at(-1);
    const cause = `${error.message}${last ? ` (${last})` : ""}`;
    return new SafeguardError({ code, object: this.object, step, cause }, { cause: error });
  }
}

/** Shell text that runs two texts in parallel, the first without output, and waits for both. */
function withBackground(quiet: string | undefined, text: string): string {
  if (quiet === undefined) return text;
  return `(\n${quiet}\n) </dev/null >/dev/null 2>&1 9>&- &\nsps_beside=$!\n${text}\nwait "$sps_beside" || true`;
}
