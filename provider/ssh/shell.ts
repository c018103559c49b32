import { randomBytes } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { setTimeout as timer } from "node:timers";

/** What a script left behind: its exit status and everything it wrote. */
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
  /** True runs the script in the shell itself, so that variables, traps and open files stay. Default: in a subshell. */
  isKept?: boolean;
  /** Calls back as soon as the script has written a text to its standard output, while it still runs. */
  onceSaid?: { text: string; run: () => void };
}

/** Why a script's result is not known: the shell ended or was too slow, or its answer was beyond measure. */
export class ShellFailure extends Error {
  constructor(
    readonly kind: "ended" | "too-slow" | "too-long",
    /** What the shell wrote to its standard error before that. */
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    super(`the shell ${kind === "ended" ? "ended before it answered" : `was ${kind.replace("-", " ")}`}`, options);
    this.name = "ShellFailure";
  }
}

const MOST_CHARACTERS = 64 * 1024 * 1024;

/**
 * A POSIX shell that reads scripts from its standard input, one after the other. Each script arrives whole before its
 * first command runs, so that a connection cut on the way never leaves half of it done. What login files print before
 * the first script is dropped.
 */
export class RemoteShell {
  private readonly mark = `@@${randomBytes(9).toString("hex")}`;
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
    streams.stdin.write(`printf '\\n%s\\n' ${this.mark}; printf '\\n%s\\n' ${this.mark} >&2\n`);
  }

  /**
   * Runs one script. The next one may be sent before this one has answered; it runs then, and its limit counts from then.
   * @throws ShellFailure when the result cannot be known, of this script or one before it; the abort reason on cancel.
   */
  async run(script: string, options: RunOptions): Promise<ScriptResult> {
    options.signal.throwIfAborted();
    const [open, close] = options.isKept ? ["{", "}"] : ["(", ")"];
    const report = `printf '\\n%s %s\\n' ${this.mark} $?; printf '\\n%s\\n' ${this.mark} >&2`;
    this.streams.stdin.write(`${open}\n${script}\n${close}\n${report}\n`);
    const answer = this.lastAnswer.then(() => this.answer(options));
    this.lastAnswer = answer;
    return await answer;
  }

  /** Ends the shell; a script that runs just then runs on to its end on the other side. */
  close(): void {
    this.finish();
    this.closeStreams();
  }

  /** The last words may still be on their way when a stream breaks. */
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
        settle(() => reject(new ShellFailure(kind, this.stderr.replaceAll(this.mark, "").trim(), { cause })));
      const onAbort = () => settle(() => reject(options.signal.reason));
      const limit = timer(() => fail("too-slow"), options.limitSeconds * 1000);
      options.signal.addEventListener("abort", onAbort, { once: true });
      let { onceSaid } = options;
      this.notify = () => {
        if (onceSaid && this.stdout.includes(onceSaid.text)) {
          onceSaid.run();
          onceSaid = undefined;
        }
        const result = this.take();
        if (result) settle(() => resolve(result));
        else if (this.end) fail("ended", this.end.cause);
        else if (this.stdout.length + this.stderr.length > MOST_CHARACTERS) fail("too-long");
      };
      this.notify();
    });
  }

  /** Takes a finished script's output out of the buffers; undefined while it still runs. */
  private take(): ScriptResult | undefined {
    const start = this.stdout.indexOf(`\n${this.mark}\n`);
    const startOfErrors = this.stderr.indexOf(`\n${this.mark}\n`);
    if (start < 0 || startOfErrors < 0) return undefined;
    const skip = this.mark.length + 2;
    const ending = new RegExp(`\\n${this.mark} (\\d+)\\n`).exec(this.stdout.slice(start + skip - 1));
    const endOfErrors = this.stderr.indexOf(`\n${this.mark}\n`, startOfErrors + skip - 1);
    if (!ending || endOfErrors < 0) return undefined;
    const stdout = this.stdout.slice(start + skip, start + skip - 1 + ending.index);
    const stderr = this.stderr.slice(startOfErrors + skip, endOfErrors);
    // What comes next starts behind a bare mark again.
    this.stdout = `\n${this.mark}\n${this.stdout.slice(start + skip - 1 + ending.index + ending[0].length)}`;
    this.stderr = this.stderr.slice(endOfErrors);
    return { status: Number(ending[1]), stdout, stderr };
  }
}
