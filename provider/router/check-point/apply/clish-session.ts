import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "../../../core/context";
import { SafeguardError } from "../../../core/errors";
import type { RemoteTerminal } from "../../../ssh/terminal/terminal";
import { COMMAND_LIMIT_SECONDS, CommandLine, CommandRefused } from "../../terminal/session/command-line";
import { isHolderNamed, lockNotice } from "../read/lock-notice";
import { DIALECT } from "./dialect";
import type { ExpertShell, NoShell } from "./expert-shell";

/** How often a lock that another session holds is tried, and the pause in between. */
const LOCK_ATTEMPTS = 4;
const LOCK_PAUSE_MILLISECONDS = 1000;

const OVERRIDE_REMEDY =
  "wait for the other session to end, or set checkPoint.overrideLock to true to take the lock from it";

/** Opens a root shell beside a session, if the gateway gives one. */
export type OpenShell = (isClishLogin: boolean) => Promise<ExpertShell | NoShell>;

/** A session in Clish, without pages. It does not hold the lock of the configuration until it asks for it. */
export class ClishSession extends CommandLine {
  private shellOpened: ReturnType<OpenShell> | undefined;
  private isClishLogin = true;

  private constructor(
    terminal: RemoteTerminal,
    object: string,
    context: OperationContext,
    private readonly openShell: OpenShell,
  ) {
    super(terminal, object, context, DIALECT);
  }

  /**
   * Waits for the prompt, enters Clish where bash is the login shell, and turns paging off.
   * @throws SafeguardError SG3007, SG3008, SG3009 or SG3015 when there is no Clish
   */
  static async open(
    terminal: RemoteTerminal,
    object: string,
    context: OperationContext,
    openShell: OpenShell,
  ): Promise<ClishSession> {
    const session = new ClishSession(terminal, object, context, openShell);
    await session.guarded("log in", () => session.start());
    return session;
  }

  /**
   * Takes the lock of the configuration; `isOverriding` also takes it from another session. `remedy` is for the error.
   * @throws SafeguardError SG3010 when another session holds it
   */
  async lock(isOverriding: boolean, remedy = OVERRIDE_REMEDY): Promise<void> {
    const step = "lock the configuration";
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.answerTo(isOverriding ? "lock database override" : "set config-lock on", step);
      const notice = lockNotice(answer);
      if (notice === undefined) return;
      if (attempt === LOCK_ATTEMPTS) {
        const cause = isHolderNamed(notice) ? notice : ((await this.lockHolder(step)) ?? notice);
        throw new SafeguardError({ code: "SG3010", object: this.object, step, cause, remedy });
      }
      this.context.log.status(`${this.object}: waiting for the lock of the configuration`);
      await pause(LOCK_PAUSE_MILLISECONDS, undefined, { signal: this.context.signal });
    }
  }

  /** A root shell on the same connection, which is opened once. Throws as `ExpertShell.open`. */
  async shell(): Promise<ExpertShell | NoShell> {
    this.shellOpened ??= this.openShell(this.isClishLogin);
    return await this.shellOpened;
  }

  /** Leaves the configuration to other sessions. */
  async unlock(): Promise<void> {
    await this.execIfKnown("set config-lock off", "unlock the configuration");
  }

  /** Also without a second echo behind the prompt, which some versions print. */
  protected override withoutEcho(output: string, command: string): string {
    const once = super.withoutEcho(output, command);
    const [line = "", ...rest] = once.split("\n");
    return this.prompt.test(line.slice(0, -command.length).trimEnd()) && line.endsWith(command)
      ? rest.join("\n")
      : once;
  }

  private async start(): Promise<void> {
    let { text, end } = await this.firstPrompt();
    this.isClishLogin = end.endsWith(">");
    if (!this.isClishLogin) ({ text, end } = await this.enterClish());
    const name = /([\w.:-]+)>$/.exec(end)?.[1];
    if (name === undefined) throw this.withoutClish(`the prompt is "${end.trim()}"`);
    this.prompt = new RegExp(`(?:^|\\n)(?:\\[[^\\]\\n]{1,60}\\] ?)?${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}>$`);
    await this.ask("set clienv rows 0");
    // The login takes the lock when it is free; reading needs none.
    if (lockNotice(text) === undefined) await this.unlock();
  }

  private async enterClish(): Promise<{ text: string; end: string }> {
    const { signal } = this.context;
    this.terminal.send("clish");
    return await this.terminal.expect(this.prompt, {
      limitSeconds: COMMAND_LIMIT_SECONDS,
      signal,
      silenceMilliseconds: 60,
    });
  }

  /** What the gateway says of another session that holds the lock. */
  private async lockHolder(step: string): Promise<string | undefined> {
    return lockNotice(await this.answerTo("show config-lock", step));
  }

  /** The answer to a command, whether it is a refusal or not. */
  private async answerTo(command: string, step: string): Promise<string> {
    return await this.exec(command, step).catch((error: unknown) => {
      if (error instanceof CommandRefused) return error.answer;
      throw error;
    });
  }

  private withoutClish(cause: string): SafeguardError {
    const remedy = "let the user log in with Clish (`set user NAME shell /etc/cli.sh`)";
    return new SafeguardError({ code: "SG3009", object: this.object, step: "log in", cause, remedy });
  }
}
