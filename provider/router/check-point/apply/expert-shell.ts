import { randomBytes } from "node:crypto";
import type { OperationContext } from "../../../core/context";
import { SafeguardError } from "../../../core/errors";
import { type RemoteTerminal, TerminalFailure } from "../../../ssh/terminal/terminal";
import { keepLock, LOCKED, lackingText, openingScript, UTILITIES } from "../../guard/scripts/opening-script";
import { CAN_UNPACK, unpackingText } from "../../guard/scripts/packed-script";
import { COMMAND_LIMIT_SECONDS, CommandLine } from "../../terminal/session/command-line";
import { DIALECT } from "./dialect";

/** Time limit of one script, in seconds: a rollback may wait for another one. */
const SCRIPT_LIMIT_SECONDS = 60;

/** How long a shell may take to read its first command, in seconds. */
const READY_LIMIT_SECONDS = 10;

/** How long to wait until another run ends, in seconds. */
const RUN_LOCK_SECONDS = 5;

const STEP = "enter expert mode";

/** Why a gateway gives no root shell. */
export interface NoShell {
  reason: string;
}

/** Prints what a shell lacks for the timer, or nothing. */
const PROBE = `${lackingText([...UTILITIES, "clish", "setsid", "cmp"], "it has no %s\\n")}
[ "$(id -u)" = 0 ] || echo "its user is not root"`;

/** A root shell of a gateway on a terminal: bash as login shell, or expert mode. */
export class ExpertShell extends CommandLine {
  /** Shell text before each script. */
  private keeping = "";

  /**
   * Waits for the prompt, enters expert mode where Clish is the login shell, and checks that the shell can run scripts.
   * @throws SafeguardError SG3006 when the gateway refuses the password of expert mode; SG3007 or SG3008 without an answer
   */
  static async open(
    terminal: RemoteTerminal,
    object: string,
    expertPassword: string | undefined,
    context: OperationContext,
  ): Promise<ExpertShell | NoShell> {
    const shell = new ExpertShell(terminal, object, context, DIALECT);
    const reason = await shell.guarded(STEP, () => shell.start(expertPassword));
    return reason === undefined ? shell : { reason };
  }

  /**
   * Takes the lock that serializes runs on the gateway, unless this shell holds it. It is free when the shell ends. The
   * next run takes it from a shell whose connection was lost silently, a minute after the commit window or after 150 s.
   * @throws SafeguardError SG3010 with the remedy while another run holds it; SG3305 when it cannot be taken
   */
  async lockRuns(windowSeconds: number, remedy: string): Promise<void> {
    if (this.keeping !== "") return;
    const step = "wait for other runs";
    // The timer ends the shell that holds the lock after a rollback.
    const script = `${openingScript(RUN_LOCK_SECONDS)}\nsps_session=$$\nexport sps_session sps_lock`;
    const answer = (await this.send(script, step, 'eval "$sps_packed"')).trim();
    if (answer.split(" ")[0] === LOCKED) {
      this.keeping = `${keepLock(windowSeconds)}\n`;
      return;
    }
    const isHeld = answer.startsWith("another run holds ");
    throw new SafeguardError({
      code: isHeld ? "SG3010" : "SG3305",
      object: this.object,
      step,
      cause: answer.split("\n").at(-1) || "no reason given",
      ...(isHeld && { remedy }),
    });
  }

  /**
   * Runs a script in a shell of its own. @returns what it printed
   * @throws SafeguardError SG3007, SG3008 or SG3015 when no whole answer arrives
   */
  async run(script: string, step: string): Promise<string> {
    return await this.send(script, step, `${this.keeping}printf '%s\\n' "$sps_packed" | sh 2>&1`);
  }

  private async send(script: string, step: string, execution: string): Promise<string> {
    const mark = `@@end-${randomBytes(6).toString("hex")}`;
    return await this.guarded(step, async () => {
      const { signal } = this.context;
      this.terminal.send(`${unpackingText(script)}\n${execution}; printf '\\n%s\\n' ${mark}`);
      const limits = { limitSeconds: SCRIPT_LIMIT_SECONDS, signal };
      return (await this.terminal.expect(new RegExp(`${mark}$`), limits)).text;
    });
  }

  /** @returns why there is no usable shell; undefined when there is one */
  private async start(expertPassword: string | undefined): Promise<string | undefined> {
    let { end } = await this.firstPrompt();
    if (end.endsWith(">")) {
      end = await this.enter(expertPassword ?? "");
      if (end.endsWith(">")) return "it has no password of expert mode";
    }
    const mark = `ready-${randomBytes(6).toString("hex")}`;
    // Without the echo, and not interactive: nothing but the output of scripts is printed.
    this.terminal.send(`stty -echo -onlcr; printf '@@%s\\n' ${mark}; cat | sh`);
    const isReady = await this.terminal
      .expect(new RegExp(`@@${mark}$`), { ...this.limits(), limitSeconds: READY_LIMIT_SECONDS })
      .catch((error: unknown) => {
        if (!(error instanceof TerminalFailure) || error.kind !== "too-slow") throw error;
      });
    if (!isReady) return "its shell is no bash";
    const lacks = `${CAN_UNPACK} && echo @@unpacks`;
    this.terminal.send(`${lacks}; echo @@asked`);
    const { text } = await this.terminal.expect(/@@asked$/, this.limits());
    if (!text.includes("@@unpacks")) return "its shell has no gzip or base64";
    const [lacking] = (await this.run(PROBE, STEP)).trim().split("\n");
    return lacking === "" ? undefined : lacking;
  }

  /** @returns the prompt after `expert` */
  private async enter(expertPassword: string): Promise<string> {
    // The login to Clish has taken the lock of the configuration if it was free.
    await this.ask("set config-lock off");
    this.terminal.send("expert");
    const end = new RegExp(`${this.prompt.source}|[Pp]assword:$`);
    let answer = await this.terminal.expect(end, this.limits());
    if (!/assword:$/.test(answer.end)) return answer.end;
    this.terminal.send(expertPassword);
    answer = await this.terminal.expect(end, this.limits());
    if (!answer.end.endsWith(">")) return answer.end;
    const cause = "the gateway refused the password of expert mode";
    const remedy = "correct router.expertPassword, or leave it out: this program alone then rolls changes back";
    throw new SafeguardError({ code: "SG3006", object: this.object, step: STEP, cause, remedy });
  }

  private limits() {
    return { limitSeconds: COMMAND_LIMIT_SECONDS, signal: this.context.signal };
  }
}
