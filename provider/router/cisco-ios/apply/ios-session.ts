import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "../../../core/context";
import { SafeguardError } from "../../../core/errors";
import { type RemoteTerminal, TerminalFailure } from "../../../ssh/terminal/terminal";
import { COMMAND_LIMIT_SECONDS, CommandLine, CommandRefused, type Dialect } from "../../terminal/session/command-line";

/** Lines of the router's log, which may come in between at any time. */
export const LOG_LINES =
  /^(?:\d+: )?[*.]?(?:[A-Z][a-z]{2} +\d+ [\d:. ]+(?:\S+)?: )?%[A-Z0-9_]+(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+:.*(?:\n|$)/gm;

/** The escape character, Ctrl-Shift-6: it ends an attempt, and with `x` it leaves an open connection. Ctrl-U erases the typed line. */
const ESCAPE = "\u001e";
const ERASE_LINE = "\u0015";

/** A connection of `telnet` is open. */
const OPENED = /(?:^|\n)Trying [^\n]*\.\.\. ?Open(?=\n|$)/;

/** How long another side may take to close a connection that it does not want, and an attempt to end, in seconds. */
const FAREWELL_SECONDS = 0.5;
const ATTEMPT_END_SECONDS = 40;

/** The privilege level that configures. */
const HIGHEST_LEVEL = 15;

/** How often a locked configuration mode is tried, and the pause in between. */
const LOCK_ATTEMPTS = 4;
const LOCK_PAUSE_MILLISECONDS = 1000;

const DIALECT: Dialect = {
  firstPrompt: /(?:^|\n)([\w+\-.:/[\]]+)[>#]$/,
  question: /(?:\[confirm\]|\[yes\/no\]:?|\[[^\]\n]*\] ?\?|[Pp]assword:)$/,
  // Other lines with % are warnings; reading back decides about them.
  refusal:
    /^.*(?:% ?Invalid input|% ?Incomplete command|% ?Ambiguous command|% ?Bad |% ?Error|% ?Unknown|% ?Unrecognized|% ?Access denied|% ?Authorization|% ?Duplicate|% .*not supported|Command authorization failed|Command rejected|overlaps with|^Entry already running|^%Entry not configured|^%Illegal Value|[Cc]onfig(?:uration)? mode (?:is locked|cannot be entered)).*$/m,
  // Configuration mode itself accepts it too.
  leaving: /^exit$/,
};

/** The name of the CLI view (Cisco IOS Role-Based CLI Access) that an answer reports. */
const viewIn = (answer: string): string | undefined =>
  /^Current(?:ly in View Context with| view is)(?: view)? '([^'\n]+)'/m.exec(answer)?.[1];

/** A session on the command line of a Cisco router, in privileged mode and without pages. */
export class IosSession extends CommandLine {
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
    const session = new IosSession(terminal, object, context, DIALECT);
    await session.guarded("log in", () => session.start(enablePassword));
    return session;
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
   * Opens a TCP connection from the router with `telnet`, and closes it at once.
   * @returns what the router wrote; with `isGivenUp` when no answer came within the limit
   * @throws SafeguardError when the session is lost
   */
  async telnet(address: string, port: number, limitSeconds: number): Promise<{ output: string; isGivenUp: boolean }> {
    return await this.guarded("open a TCP connection", async () => {
      const { signal } = this.context;
      this.terminal.send(`telnet ${address} ${port}`);
      const end = new RegExp(`${OPENED.source}|${this.prompt.source}`);
      const first = await this.unlessTooSlow(this.terminal.expect(end, { limitSeconds, signal }));
      if (first && !OPENED.test(first.end)) return { output: first.text, isGivenUp: false };
      if (first) await this.leaveConnection();
      // It answers with the prompt, or with its own message when its limit ends.
      else await this.untilPrompt(ESCAPE, ATTEMPT_END_SECONDS);
      return { output: first ? first.text + first.end : "", isGivenUp: first === undefined };
    });
  }

  /** Ends a connection that is open on this terminal, whether the other side has closed it meanwhile or not. */
  private async leaveConnection(): Promise<void> {
    const { signal } = this.context;
    const isClosed = await this.unlessTooSlow(
      this.terminal.expect(this.prompt, { limitSeconds: FAREWELL_SECONDS, signal }),
    );
    if (isClosed) return;
    // An `x` of the escape sequence may be left on the line of a prompt.
    await this.untilPrompt(`${ESCAPE}x`, COMMAND_LIMIT_SECONDS, "x?");
    await this.ask(`${ERASE_LINE}disconnect`, { answers: { "Closing connection": "" } });
  }

  private async untilPrompt(keys: string, limitSeconds: number, rest = ""): Promise<void> {
    const prompt = new RegExp(`${this.prompt.source.replace(/\$$/, "")}${rest}$`);
    const { signal } = this.context;
    this.terminal.press(keys);
    await this.terminal.expect(prompt, { limitSeconds, signal, silenceMilliseconds: 60 });
  }

  private async unlessTooSlow<T>(answer: Promise<T>): Promise<T | undefined> {
    return await answer.catch((error: unknown) => {
      if (error instanceof TerminalFailure && error.kind === "too-slow") return undefined;
      throw error;
    });
  }

  private async start(enablePassword: string | undefined): Promise<void> {
    const { end: first } = await this.firstPrompt();
    const [, name = ""] = DIALECT.firstPrompt.exec(first) ?? [];
    // In configuration mode the name may be cut, and it may change with the command `hostname` of others.
    const start = name.slice(0, 12).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    this.prompt = new RegExp(`(?:^|\\n)${start}[^\\s>#()]*(?:\\([^)\\n]{1,60}\\))?[>#]$`);
    const isUserMode = first.endsWith(">");
    if (isUserMode) await this.enable(enablePassword);
    await this.ask("terminal length 0");
    await this.ask("terminal width 511");
    await this.ask("terminal no monitor");
    let level = await this.privilegeLevel();
    // From level 2 on, the prompt is the one of level 15.
    if (!isUserMode && level < HIGHEST_LEVEL && enablePassword !== undefined) {
      await this.enable(enablePassword);
      level = await this.privilegeLevel();
    }
    if (level < HIGHEST_LEVEL)
      throw this.unprivileged(`the user has privilege level ${level} and needs ${HIGHEST_LEVEL}`, enablePassword);
  }

  /**
   * The highest level for a router that does not print it.
   * @throws SafeguardError SG3006 in a CLI view, which decides what the user sees of the configuration
   */
  private async privilegeLevel(): Promise<number> {
    const shown = await this.ask("show privilege");
    const level = /Current privilege level is (\d+)/.exec(shown)?.[1];
    const view = viewIn(shown) ?? (level === undefined ? viewIn(await this.ask("show parser view")) : undefined);
    if (view === undefined || view === "root") return level === undefined ? HIGHEST_LEVEL : Number(level);
    const cause = `the user is in CLI view ${view}, which may hide parts of the configuration`;
    const remedy = `log in as a user with privilege level ${HIGHEST_LEVEL} and no view`;
    throw new SafeguardError({ code: "SG3006", object: this.object, step: "log in", cause, remedy });
  }

  private async enable(password: string | undefined): Promise<void> {
    if (password === undefined)
      throw this.unprivileged("the user logs in without privileges, and no enablePassword is set", password);
    const { signal } = this.context;
    this.terminal.send("enable");
    const end = new RegExp(`${this.prompt.source}|[Pp]assword:$`);
    let answer = await this.terminal.expect(end, { limitSeconds: COMMAND_LIMIT_SECONDS, signal });
    if (/assword:$/.test(answer.end)) {
      this.terminal.send(password);
      answer = await this.terminal.expect(end, { limitSeconds: COMMAND_LIMIT_SECONDS, signal });
    }
    const refused = /^% ?(?:No password set|Error in authentication).*$/m.exec(answer.text)?.[0];
    if (refused !== undefined) throw this.unprivileged(`\`enable\` printed "${refused.trim()}"`, password);
    if (!answer.end.endsWith("#") || /^% ?(?:Bad|Access)/m.test(answer.text))
      throw this.unprivileged("the router refused the password of `enable`", password);
  }

  private unprivileged(cause: string, enablePassword: string | undefined): SafeguardError {
    const other = `${enablePassword === undefined ? "set" : "correct"} router.enablePassword`;
    const remedy = `log in as a user with privilege level ${HIGHEST_LEVEL}, or ${other}`;
    return new SafeguardError({ code: "SG3006", object: this.object, step: "log in", cause, remedy });
  }
}
