import type { OperationContext } from "../../../core/context";
import { messageOf, SafeguardError } from "../../../core/errors";
import { withoutStop } from "../../../core/printable";
import { withoutEcho } from "../../../ssh/terminal/screen-text";
import { type RemoteTerminal, TerminalFailure } from "../../../ssh/terminal/terminal";

/** Time limits of the first prompt, a command, and a command with a long output, in seconds. */
const LOGIN_LIMIT_SECONDS = 15;
export const COMMAND_LIMIT_SECONDS = 20;
const LONG_LIMIT_SECONDS = 120;

/** How long the output must be silent where it may contain a prompt. */
const SILENCE_MILLISECONDS = 60;

/** The router refused a command, with its own words. */
export class CommandRefused extends Error {
  constructor(
    readonly command: string,
    readonly answer: string,
    /** What the command was for, in messages. */
    readonly step: string,
    /** Commands that were sent together with it, were executed, and may have changed something. */
    readonly executed: readonly string[] = [],
  ) {
    super(`\`${command}\` was refused: ${answer}`);
    this.name = "CommandRefused";
  }
}

/** How a kind of router answers. */
export interface Dialect {
  firstPrompt: RegExp;
  /** Ends of an output that wait for an answer. */
  question: RegExp;
  /** Answers that mean a command was not executed. */
  refusal: RegExp;
  /** A refusal in one line for messages. Default: as the router printed it. */
  refusalText?(refusal: string): string;
  /** Commands that only leave a mode. They are accepted also where an earlier one was refused, and change nothing. */
  leaving?: RegExp;
}

export interface ExecOptions {
  /** True for a command with a long output, which may contain a text like a prompt. */
  isLong?: boolean;
  /** Answers to questions, by a part of the question. */
  answers?: Readonly<Record<string, string>>;
}

/** A session on the command line of a router. */
export class CommandLine {
  protected prompt: RegExp;

  protected constructor(
    protected readonly terminal: RemoteTerminal,
    /** The router in messages. */
    readonly object: string,
    protected readonly context: OperationContext,
    private readonly dialect: Dialect,
  ) {
    this.prompt = dialect.firstPrompt;
  }

  /**
   * Runs a command and returns its output.
   * @throws CommandRefused; SafeguardError when the session is lost
   */
  async exec(command: string, step: string, options: ExecOptions = {}): Promise<string> {
    const output = await this.guarded(step, () => this.ask(command, { ...options, step }));
    const refused = this.dialect.refusal.exec(output)?.[0];
    // The configuration itself may contain such a text.
    if (refused !== undefined && !(options.isLong && output.length > 1000))
      throw new CommandRefused(command, this.refusalText(refused), step);
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
   * Enters one command that changes the configuration.
   * @throws CommandRefused; SafeguardError when the session is lost
   */
  async configure(command: string): Promise<void> {
    this.warnOf(command, await this.exec(command, "change the configuration"));
  }

  /**
   * Enters configuration commands that ask nothing together: one wait for many round trips. A refused one does not keep
   * those after it from being executed.
   * @throws CommandRefused; SafeguardError when the session is lost
   */
  async configureTogether(commands: readonly string[]): Promise<void> {
    const step = "change the configuration";
    this.terminal.send(...commands);
    const limits = { limitSeconds: COMMAND_LIMIT_SECONDS, signal: this.context.signal };
    const prompt = new RegExp(this.prompt.source.replace(/\$$/, ""));
    const answers = await this.guarded(step, () => this.terminal.expectEach(prompt, commands.length, limits));
    const outputs = answers.map((answer, index) => {
      const command = commands[index] ?? "";
      const output = this.withoutEcho(answer, command).trim();
      return { command, output, refused: this.dialect.refusal.exec(output)?.[0] };
    });
    const accepted = outputs.filter(({ refused }) => refused === undefined);
    for (const { command, output } of accepted) this.warnOf(command, output);
    const first = outputs.find(({ refused }) => refused !== undefined);
    if (first?.refused === undefined) return;
    const executed = accepted.map(({ command }) => command).filter((command) => !this.dialect.leaving?.test(command));
    throw new CommandRefused(first.command, this.refusalText(first.refused), step, executed);
  }

  close(): void {
    this.terminal.close();
  }

  /** Aborts when the operation is cancelled, or its time is over. */
  get signal(): AbortSignal {
    return this.context.signal;
  }

  /** Waits for the first prompt, and asks for it when none comes. @returns what was written before it, and the prompt */
  protected async firstPrompt(): Promise<{ text: string; end: string }> {
    const { signal } = this.context;
    const wait = async (limitSeconds: number) =>
      await this.terminal.expect(this.prompt, { limitSeconds, signal, silenceMilliseconds: SILENCE_MILLISECONDS });
    return await wait(LOGIN_LIMIT_SECONDS / 3).catch(async (error: unknown) => {
      if (!(error instanceof TerminalFailure) || error.kind !== "too-slow") throw error;
      this.terminal.send("");
      return await wait(LOGIN_LIMIT_SECONDS);
    });
  }

  /** Sends a command, answers its questions and returns its output. */
  protected async ask(
    command: string,
    { isLong = false, answers = {}, step = "log in" }: ExecOptions & { step?: string } = {},
  ): Promise<string> {
    const { question } = this.dialect;
    const end = new RegExp(`${this.prompt.source}|${question.source}`);
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
      if (!question.test(answer.end)) return this.withoutEcho(output, command).trim();
      const asked = `${answer.text.split("\n").at(-1)}${answer.end}`;
      const known = Object.keys(answers).find((part) => asked.includes(part));
      if (known === undefined) {
        // Ctrl-C leaves the question without an answer.
        this.terminal.send("\u0003");
        throw new CommandRefused(command, `the router asked "${asked.trim()}"`, step);
      }
      this.terminal.send(answers[known] ?? "");
    }
  }

  protected withoutEcho(output: string, command: string): string {
    return withoutEcho(output, command);
  }

  private refusalText(refusal: string): string {
    return withoutStop(this.dialect.refusalText?.(refusal) ?? refusal.trim());
  }

  private warnOf(command: string, output: string): void {
    const warning = /^%.*$/m.exec(output)?.[0];
    if (warning !== undefined) this.context.log.warn(`${this.object}: \`${command}\`: ${warning}`);
  }

  protected async guarded<T>(step: string, work: () => Promise<T>): Promise<T> {
    return await work().catch((error: unknown) => {
      if (!(error instanceof TerminalFailure)) throw error;
      throw lostSession(error, this.object, step);
    });
  }
}

/** The error for a command that every run needs. */
export function refusedError(refused: CommandRefused, object: string): SafeguardError {
  const { step, command, message } = refused;
  const remedy = `let the user of the connection run \`${command}\``;
  return new SafeguardError({ code: "SG3019", object, step, cause: message, remedy }, { cause: refused });
}

/** The error for a terminal that gave no answer. */
function lostSession(failure: TerminalFailure, object: string, step: string): SafeguardError {
  const last = failure.output.split("\n").at(-1)?.trim() ?? "";
  const cause = `${messageOf(failure)}${last === "" ? "" : `; it last wrote "${last}"`}`;
  const code = { ended: "SG3007", "too-slow": "SG3008", "too-long": "SG3015" } as const;
  return new SafeguardError({ code: code[failure.kind], object, step, cause }, { cause: failure });
}
