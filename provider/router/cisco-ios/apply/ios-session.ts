import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "../../../core/context";
import { messageOf, SafeguardError } from "../../../core/errors";
import { withoutEcho } from "../../../ssh/terminal/screen-text";
import { type RemoteTerminal, TerminalFailure } from "../../../ssh/terminal/terminal";

/** Lines of the router's log, which may come in between at any time. */
export const LOG_LINES =
  /^(?:\d+: )?[*.]?(?:[A-Z][a-z]{2} +\d+ [\d:. ]+(?:\S+)?: )?%[A-Z0-9_]+(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+:.*(?:\n|$)/gm;

/** Time limits of the first prompt, a command, and a command with a long output, in seconds. */
const LOGIN_LIMIT_SECONDS = 15;
const COMMAND_LIMIT_SECONDS = 20;
const LONG_LIMIT_SECONDS = 120;

/** How many commands are sent together; devices keep typed lines of some thousand characters. */
const TOGETHER = 20;

/** How long the output must be silent where it may contain a prompt. */
const SILENCE_MILLISECONDS = 60;

/** How often a locked configuration mode is tried, and the pause in between. */
const LOCK_ATTEMPTS = 4;
const LOCK_PAUSE_MILLISECONDS = 1000;

const FIRST_PROMPT = /(?:^|\n)([\w+\-.:/[\]]+)[>#]$/;
const QUESTION = /(?:\[confirm\]|\[yes\/no\]:?|\[[^\]\n]*\] ?\?|[Pp]assword:)$/;

/** Answers that mean a command was not executed. Other lines with % are warnings; reading back decides about them. */
const REFUSAL =
  /^.*(?:% ?Invalid input|% ?Incomplete command|% ?Ambiguous command|% ?Bad |% ?Error|% ?Unknown|% ?Unrecognized|% ?Access denied|% ?Authorization|% ?Duplicate|% .*not supported|Command authorization failed|Command rejected|overlaps with|[Cc]onfig(?:uration)? mode (?:is locked|cannot be entered)).*$/m;

/** The router refused a command, with its own words. */
export class CommandRefused extends Error {
  constructor(
    readonly command: string,
    readonly answer: string,
  ) {
    super(`\`${command}\` was refused: ${answer}`);
    this.name = "CommandRefused";
  }
}

export interface ExecOptions {
  /** True for a command with a long output, which may contain a text like a prompt. */
  isLong?: boolean;
  /** Answers to questions, by a part of the question. */
  answers?: Readonly<Record<string, string>>;
}

/** A session on the command line of a Cisco router, in privileged mode and without pages. */
export class IosSession {
  private prompt = FIRST_PROMPT;

  private constructor(
    private readonly terminal: RemoteTerminal,
    /** The router in messages. */
    readonly object: string,
    private readonly context: OperationContext,
  ) {}

  /**
   * Waits for the prompt, enters privileged mode and turns paging off.
   * @throws SafeguardError SG3006 without privileges; SG3007, SG3008, SG3009 or SG3015 when there is no command line
   */
  static async open(
    terminal: RemoteTerminal,
    object: string,
    enablePassword: string | undefined,
    context: OperationContext,
  ): Promise<IosSession> {
    const session = new IosSession(terminal, object, context);
    await session.guarded("log in", () => session.start(enablePassword));
    return session;
  }

  /**
   * Runs a command of privileged mode and returns its output.
   * @throws CommandRefused; SafeguardError when the session is lost
   */
  async exec(command: string, step: string, options: ExecOptions = {}): Promise<string> {
    const output = await this.guarded(step, () => this.ask(command, options));
    const refused = REFUSAL.exec(output)?.[0];
    // The configuration itself may contain such a text.
    if (refused !== undefined && !(options.isLong && output.length > 1000))
      throw new CommandRefused(command, refused.trim());
    return output;
  }

  /** The same for a command that a router may not know; undefined then. */
  async execIfKnown(command: string, step: string): Promise<string | undefined> {
    return await this.exec(command, step).catch((error: unknown) => {
      if (error instanceof CommandRefused) return undefined;
      throw error;
    });
  }

  /**
   * Enters configuration mode with `configure terminal`, or the given variant of it.
   * @throws CommandRefused; SafeguardError SG3010 when another session holds the lock of the configuration
   */
  async enterConfiguration(command = "configure terminal"): Promise<void> {
    const step = "enter configuration mode";
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.exec(command, step);
        return;
      } catch (error) {
        if (!(error instanceof CommandRefused) || !/is locked/.test(error.answer)) throw error;
        if (attempt === LOCK_ATTEMPTS) {
          const remedy = "wait for the other session to end, or end it, and run pulumi up again";
          throw new SafeguardError(
            { code: "SG3010", object: this.object, step, cause: error.answer, remedy },
            { cause: error },
          );
        }
        this.context.log.status(`${this.object}: waiting for the lock of the configuration`);
        await pause(LOCK_PAUSE_MILLISECONDS, undefined, { signal: this.context.signal });
      }
    }
  }

  /**
   * Enters one configuration command.
   * @throws CommandRefused; SafeguardError when the session is lost
   */
  async configure(command: string): Promise<void> {
    this.warnOf(command, await this.exec(command, "change the configuration"));
  }

  private warnOf(command: string, output: string): void {
    const warning = /^%.*$/m.exec(output)?.[0];
    if (warning !== undefined) this.context.log.warn(`${this.object}: \`${command}\`: ${warning}`);
  }

  /**
   * Enters configuration commands that ask nothing, several at a time: one wait for many round trips. A refused one does
   * not keep those after it from being executed, so they must have no effect alone.
   * @throws CommandRefused; SafeguardError when the session is lost
   */
  async configureTogether(commands: readonly string[]): Promise<void> {
    const step = "change the configuration";
    for (let start = 0; start < commands.length; start += TOGETHER) {
      const batch = commands.slice(start, start + TOGETHER);
      this.terminal.send(...batch);
      const limits = { limitSeconds: COMMAND_LIMIT_SECONDS, signal: this.context.signal };
      const prompt = new RegExp(this.prompt.source.replace(/\$$/, ""));
      const answers = await this.guarded(step, () => this.terminal.expectEach(prompt, batch.length, limits));
      for (const [index, answer] of answers.entries()) {
        const command = batch[index] ?? "";
        const output = withoutEcho(answer, command).trim();
        const refused = REFUSAL.exec(output)?.[0];
        if (refused !== undefined) throw new CommandRefused(command, refused.trim());
        this.warnOf(command, output);
      }
    }
  }

  close(): void {
    this.terminal.close();
  }

  private async start(enablePassword: string | undefined): Promise<void> {
    const first = await this.firstPrompt();
    const [, name = ""] = FIRST_PROMPT.exec(first) ?? [];
    // In configuration mode the name may be cut, and it may change with the command `hostname` of others.
    const start = name.slice(0, 12).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    this.prompt = new RegExp(`(?:^|\\n)${start}[^\\s>#()]*(?:\\([^)\\n]{1,60}\\))?[>#]$`);
    if (first.endsWith(">")) await this.enable(enablePassword);
    await this.ask("terminal length 0");
    await this.ask("terminal width 511");
    await this.ask("terminal no monitor");
    const privilege = /Current privilege level is (\d+)/.exec(await this.ask("show privilege"))?.[1];
    if (privilege !== undefined && privilege !== "15") {
      throw this.unprivileged(`the user has privilege level ${privilege} and needs 15`);
    }
  }

  private async firstPrompt(): Promise<string> {
    const { signal } = this.context;
    const wait = async (limitSeconds: number) =>
      (await this.terminal.expect(FIRST_PROMPT, { limitSeconds, signal, silenceMilliseconds: SILENCE_MILLISECONDS }))
        .end;
    return await wait(LOGIN_LIMIT_SECONDS / 3).catch(async (error: unknown) => {
      if (!(error instanceof TerminalFailure) || error.kind !== "too-slow") throw error;
      this.terminal.send("");
      return await wait(LOGIN_LIMIT_SECONDS);
    });
  }

  private async enable(password: string | undefined): Promise<void> {
    if (password === undefined)
      throw this.unprivileged("the user logs in without privileges, and no enablePassword is set");
    const { signal } = this.context;
    this.terminal.send("enable");
    const end = new RegExp(`${this.prompt.source}|[Pp]assword:$`);
    let answer = await this.terminal.expect(end, { limitSeconds: COMMAND_LIMIT_SECONDS, signal });
    if (/assword:$/.test(answer.end)) {
      this.terminal.send(password);
      answer = await this.terminal.expect(end, { limitSeconds: COMMAND_LIMIT_SECONDS, signal });
    }
    if (!answer.end.endsWith("#")) throw this.unprivileged("the router refused the password of `enable`");
  }

  /** Sends a command, answers its questions and returns its output. */
  private async ask(command: string, { isLong = false, answers = {} }: ExecOptions = {}): Promise<string> {
    const end = new RegExp(`${this.prompt.source}|${QUESTION.source}`);
    const options = {
      limitSeconds: isLong ? LONG_LIMIT_SECONDS : COMMAND_LIMIT_SECONDS,
      signal: this.context.signal,
      ...(isLong && { silenceMilliseconds: SILENCE_MILLISECONDS }),
    };
    this.terminal.send(command);
    let output = "";
    for (;;) {
      const answer = await this.terminal.expect(end, options);
      output += answer.text;
      if (!QUESTION.test(answer.end)) return withoutEcho(output, command).trim();
      const asked = `${answer.text.split("\n").at(-1)}${answer.end}`;
      const known = Object.keys(answers).find((part) => asked.includes(part));
      if (known === undefined) {
        // Ctrl-C leaves the question without an answer.
        this.terminal.send("\u0003");
        throw new CommandRefused(command, `the router asked "${asked.trim()}"`);
      }
      this.terminal.send(answers[known] ?? "");
    }
  }

  private unprivileged(cause: string): SafeguardError {
    const remedy = "log in as a user with privilege level 15, or set router.enablePassword";
    return new SafeguardError({ code: "SG3006", object: this.object, step: "log in", cause, remedy });
  }

  private async guarded<T>(step: string, work: () => Promise<T>): Promise<T> {
    return await work().catch((error: unknown) => {
      if (!(error instanceof TerminalFailure)) throw error;
      throw lostSession(error, this.object, step);
    });
  }
}

/** The error for a terminal that gave no answer. */
function lostSession(failure: TerminalFailure, object: string, step: string): SafeguardError {
  const last = failure.output.split("\n").at(-1)?.trim() ?? "";
  const cause = `${messageOf(failure)}${last === "" ? "" : `; it last wrote "${last}"`}`;
  const code = { ended: "SG3007", "too-slow": "SG3008", "too-long": "SG3015" } as const;
  return new SafeguardError({ code: code[failure.kind], object, step, cause }, { cause: failure });
}
