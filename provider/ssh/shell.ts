import { randomBytes } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { setTimeout as timer } from "node:timers";

/** The exit status and the whole output of a script. */
export interface ScriptResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** The streams of a running `sh -s`. */
export interface ShellStreams {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
}

export interface RunOptions {
  /** Limit of this script, in seconds. */
  limitSeconds: number;
  signal: AbortSignal;
  /** True runs the script in the shell itself, so that variables, traps and open files persist. Default: in a subshell. */
  keepsState?: boolean;
  /** Calls back once, as soon as the running script has written the text to its standard output. */
  onOutput?: { text: string; run: () => void };
}

/** The result of a script is unknown: the shell ended, reached the limit, or wrote too much. */
export class ShellFailure extends Error {
  constructor(
    readonly kind: "ended" | "too-slow" | "too-long",
    /** The standard error until then. */
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    super(`the shell ${kind === "ended" ? "ended before it answered" : `was ${kind.replace("-", " ")}`}`, options);
    this.name = "ShellFailure";
  }
}

const MAX_OUTPUT_CHARACTERS = 64 * 1024 * 1024;

/**
 * A POSIX shell that reads scripts from its standard input, one after the other. Each script arrives whole before its
 * first command runs, so that a connection lost in between never leaves half of it done. The output of login files
 * before the first script is dropped.
 */
export class RemoteShell {
  private readonly marker = `@@${randomBytes(9).toString("hex")}`;
  private stdout = "";
  private stderr = "";
  private end: { cause?: unknown } | undefined;
  private lastAnswer: Promise<unknown> = Promise.resolve();
  private notify: () => void = () => undefined;

  constructor(
    private readonly streams: ShellStreams,
    private readonly closeStreams: () => void,
  ) {
    let open = 2;
    for (const name of ["stdout", "stderr"] as const) {
      streams[name].setEncoding("utf8");
      streams[name].on("data", (text: string) => {
        this[name] += text;
        this.notify();
      });
      streams[name].on("error", (error) => this.finishSoon(error));
      streams[name].on("end", () => {
        open -= 1;
        if (open === 0) this.finish();
      });
    }
    streams.stdin.on("error", (error) => this.finishSoon(error));
    streams.stdout.on("close", () => this.finishSoon());
    streams.stdin.write(`printf '\\n%s\\n' ${this.marker}; printf '\\n%s\\n' ${this.marker} >&2\n`);
  }

  /**
   * Runs one script. Several may be sent at once; each runs when the one before has ended, and its limit starts then.
   * @throws ShellFailure when the result of this script or an earlier one is unknown; the abort reason on cancel.
   */
  async run(script: string, options: RunOptions): Promise<ScriptResult> {
    options.signal.throwIfAborted();
    const [open, close] = options.keepsState ? ["{", "}"] : ["(", ")"];
    const report = `printf '\\n%s %s\\n' ${this.marker} $?; printf '\\n%s\\n' ${this.marker} >&2`;
    this.streams.stdin.write(`${open}\n${script}\n${close}\n${report}\n`);
    const answer = this.lastAnswer.then(() => this.answer(options));
    this.lastAnswer = answer;
    return await answer;
  }

  /** Ends the shell. A script that is running goes on to its end on the server. */
  close(): void {
    this.finish();
    this.closeStreams();
  }

  /** Output may still arrive after a stream has failed. */
  private finishSoon(cause?: unknown): void {
    timer(() => this.finish(cause), 300).unref();
  }

  private finish(cause?: unknown): void {
    this.end ??= { cause };
    this.notify();
  }

  private answer(options: RunOptions): Promise<ScriptResult> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        clearTimeout(limit);
        options.signal.removeEventListener("abort", onAbort);
        this.notify = () => undefined;
        action();
      };
      const fail = (kind: ShellFailure["kind"], cause?: unknown) =>
        settle(() => reject(new ShellFailure(kind, this.stderr.replaceAll(this.marker, "").trim(), { cause })));
      const onAbort = () => settle(() => reject(options.signal.reason));
      const limit = timer(() => fail("too-slow"), options.limitSeconds * 1000);
      options.signal.addEventListener("abort", onAbort, { once: true });
      let { onOutput } = options;
      this.notify = () => {
        if (onOutput && this.stdout.includes(onOutput.text)) {
          onOutput.run();
          onOutput = undefined;
        }
        const result = this.take();
        if (result) settle(() => resolve(result));
        else if (this.end) fail("ended", this.end.cause);
        else if (this.stdout.length + this.stderr.length > MAX_OUTPUT_CHARACTERS) fail("too-long");
      };
      this.notify();
    });
  }

  /** Takes the output of a finished script out of the buffers; undefined while it runs. */
  private take(): ScriptResult | undefined {
    const start = this.stdout.indexOf(`\n${this.marker}\n`);
    const startOfErrors = this.stderr.indexOf(`\n${this.marker}\n`);
    if (start < 0 || startOfErrors < 0) return undefined;
    const skip = this.marker.length + 2;
    const ending = new RegExp(`\\n${this.marker} (\\d+)\\n`).exec(this.stdout.slice(start + skip - 1));
    const endOfErrors = this.stderr.indexOf(`\n${this.marker}\n`, startOfErrors + skip - 1);
    if (!ending || endOfErrors < 0) return undefined;
    const stdout = this.stdout.slice(start + skip, start + skip - 1 + ending.index);
    const stderr = this.stderr.slice(startOfErrors + skip, endOfErrors);
    // The output of the next script must start behind a bare marker again.
    this.stdout = `\n${this.marker}\n${this.stdout.slice(start + skip - 1 + ending.index + ending[0].length)}`;
    this.stderr = this.stderr.slice(endOfErrors);
    return { status: Number(ending[1]), stdout, stderr };
  }
}
