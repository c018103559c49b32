import { randomBytes } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { setTimeout as timer } from "node:timers";
import { MarkedOutput } from "./marked-output";
import { type FailureKind, MAX_OUTPUT_TEXT, RemoteProgram, type WaitOptions } from "./remote-program";

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

export interface RunOptions extends WaitOptions {
  /** True runs the script in the shell itself, so that variables, traps and open files persist. Default: in a subshell. */
  keepsState?: boolean;
  /** Calls back once, as soon as the running script has written the text to its standard output. */
  onOutput?: { text: string; run: () => void };
}

/** What is kept of the standard error of one script, its beginning and its end; only messages quote it. */
const MAX_ERROR_CHARACTERS = 256 * 1024;

/** Characters of the standard output that a failure keeps. */
const QUOTED_CHARACTERS = 2000;

/** Characters of the standard output in which a text that a caller waits for may begin. */
const RECENT_CHARACTERS = 256;

const WHAT_IT_DID: Record<FailureKind, string> = {
  ended: "ended before it answered",
  "too-slow": "was too slow",
  "too-long": `wrote more than ${MAX_OUTPUT_TEXT}`,
};

/** The result of a script is unknown: the shell ended, reached the limit, or wrote too much. */
export class ShellFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    /** The standard error until then. */
    readonly stderr: string,
    options?: ErrorOptions,
    /** The beginning of the standard output until then, where login shells that are no POSIX shells say so. */
    readonly stdout = "",
  ) {
    super(`the shell ${WHAT_IT_DID[kind]}`, options);
    this.name = "ShellFailure";
  }
}

/**
 * A POSIX shell that reads scripts from its standard input, one after the other. Each script arrives whole before its
 * first command runs, so that a connection lost in between never leaves half of it done. The output of login files
 * before the first script is dropped.
 */
export class RemoteShell extends RemoteProgram {
  private readonly marker = `@@${randomBytes(9).toString("hex")}`;
  private readonly stdout = new MarkedOutput(this.marker, true);
  private readonly stderr = new MarkedOutput(this.marker, false);
  /** The end of the standard output, in which a text that a caller waits for is found. */
  private recent = "";
  private lastAnswer: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly streams: ShellStreams,
    closeStreams: () => void,
  ) {
    super(closeStreams);
    let open = 2;
    for (const name of ["stdout", "stderr"] as const) {
      streams[name].setEncoding("utf8");
      streams[name].on("data", (text: string) => this.receive(name, text));
      streams[name].on("error", (error) => this.finishSoon(error));
      streams[name].on("end", () => {
        open -= 1;
        if (open === 0) this.finish("ended");
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
    const answer = this.lastAnswer.then(() => this.result(options));
    this.lastAnswer = answer;
    return await answer;
  }

  private receive(name: "stdout" | "stderr", text: string): void {
    if (this.isTooLong) return;
    this[name].append(text);
    if (name === "stdout") this.recent = this.recent.slice(-RECENT_CHARACTERS) + text;
    this.stderr.cutMiddle(MAX_ERROR_CHARACTERS);
    this.arrived(this.stdout.length + this.stderr.length);
  }

  /** Output may still arrive after a stream has failed. */
  private finishSoon(cause?: unknown): void {
    timer(() => this.finish("ended", cause), 300).unref();
  }

  private result(options: RunOptions): Promise<ScriptResult> {
    let { onOutput } = options;
    this.recent = this.stdout.current;
    const look = (done: (result: ScriptResult) => void) => {
      if (onOutput && this.recent.includes(onOutput.text)) {
        onOutput.run();
        onOutput = undefined;
      }
      const result = this.take();
      if (result) done(result);
      return result !== undefined;
    };
    const failure = (kind: FailureKind, reason: ErrorOptions) =>
      new ShellFailure(
        kind,
        this.stderr.unfinished.trim(),
        reason,
        this.stdout.unfinished.slice(0, QUOTED_CHARACTERS).trim(),
      );
    return this.answer(options, look, failure);
  }

  /** Takes the output of a finished script; undefined while it runs. */
  private take(): ScriptResult | undefined {
    if (this.stdout.count === 0 || this.stderr.count === 0) return undefined;
    const [output, errors] = [this.stdout.take(), this.stderr.take()];
    return output && errors && { status: output.status, stdout: output.text, stderr: errors.text };
  }
}
