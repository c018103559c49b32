import type { Readable, Writable } from "node:stream";
import { setTimeout as timer } from "node:timers";
import { screenText } from "./screen-text";

/** The streams of a terminal; its errors are on the same stream as its output. */
export interface TerminalStreams {
  stdin: Writable;
  stdout: Readable;
}

export interface ExpectOptions {
  /** Limit for the answer, in seconds. */
  limitSeconds: number;
  signal: AbortSignal;
  /** How long the output must be silent after the end of the answer, where its text may hold such an end. Default 0. */
  silenceMilliseconds?: number;
}

/** What a terminal wrote until an expected text, and that text. */
export interface TerminalAnswer {
  text: string;
  end: string;
}

/** Limit of one answer, in characters: the configuration of a large router has some millions. */
const MAX_ANSWER_CHARACTERS = 32 * 1024 * 1024;

/** The end of an answer is looked for in this many of its last characters. */
const END_CHARACTERS = 4096;

const WHAT_IT_DID = {
  ended: "ended before it answered",
  "too-slow": "did not answer in time",
  "too-long": `wrote more than ${MAX_ANSWER_CHARACTERS >> 20} MB`,
};

/** There is no answer: the terminal ended, reached the limit, or wrote too much. */
export class TerminalFailure extends Error {
  constructor(
    readonly kind: keyof typeof WHAT_IT_DID,
    /** The end of what it wrote instead. */
    readonly output: string,
    options?: ErrorOptions,
  ) {
    super(`the terminal ${WHAT_IT_DID[kind]}`, options);
    this.name = "TerminalFailure";
  }
}

/**
 * An interactive terminal: lines go in, and each answer ends with an expected text, such as a prompt. Lines that match
 * `noise`, such as messages of a log, are no part of an answer wherever they come in between.
 */
export class RemoteTerminal {
  private pieces: string[] = [];
  private length = 0;
  private tail = "";
  private end: { kind: TerminalFailure["kind"]; cause?: unknown } | undefined;
  private notify: () => void = () => undefined;

  constructor(
    private readonly streams: TerminalStreams,
    private readonly closeStreams: () => void,
    private readonly noise?: RegExp,
  ) {
    streams.stdout.setEncoding("utf8");
    streams.stdout.on("data", (text: string) => this.receive(text));
    streams.stdout.on("error", (error) => this.finish("ended", error));
    streams.stdout.on("end", () => this.finish("ended"));
    streams.stdout.on("close", () => this.finish("ended"));
    streams.stdin.on("error", (error) => this.finish("ended", error));
  }

  /** Sends one line. What the terminal wrote before, and nobody expected, is dropped. */
  send(line: string): void {
    this.clear();
    this.streams.stdin.write(`${line}\n`);
  }

  /**
   * Waits until the output ends with the expected text.
   * @throws TerminalFailure when it never does; the abort reason on cancel
   */
  async expect(end: RegExp, { limitSeconds, signal, silenceMilliseconds = 0 }: ExpectOptions): Promise<TerminalAnswer> {
    signal.throwIfAborted();
    return await new Promise((resolve, reject) => {
      let silence: NodeJS.Timeout | undefined;
      const settle = (action: () => void) => {
        clearTimeout(limit);
        clearTimeout(silence);
        signal.removeEventListener("abort", onAbort);
        this.notify = () => undefined;
        action();
      };
      const fail = (kind: TerminalFailure["kind"], cause?: unknown) =>
        settle(() => reject(new TerminalFailure(kind, this.shown(this.tail).trim().slice(-500), { cause })));
      const onAbort = () => settle(() => reject(signal.reason));
      const limit = timer(() => fail("too-slow"), limitSeconds * 1000);
      signal.addEventListener("abort", onAbort, { once: true });
      this.notify = () => {
        clearTimeout(silence);
        const found = end.exec(this.shown(this.tail).trimEnd());
        if (found && silenceMilliseconds > 0)
          silence = timer(() => settle(() => resolve(this.take(end))), silenceMilliseconds);
        else if (found) settle(() => resolve(this.take(end)));
        else if (this.end) fail(this.end.kind, this.end.cause);
      };
      this.notify();
    });
  }

  close(): void {
    this.finish("ended");
    this.closeStreams();
  }

  private take(end: RegExp): TerminalAnswer {
    const text = this.shown(this.pieces.join("")).trimEnd();
    this.clear();
    const found = end.exec(text);
    return found ? { text: text.slice(0, found.index), end: found[0] } : { text, end: "" };
  }

  private shown(raw: string): string {
    const text = screenText(raw);
    return this.noise ? text.replace(this.noise, "") : text;
  }

  private receive(text: string): void {
    if (this.end?.kind === "too-long") return;
    this.pieces.push(text);
    this.length += text.length;
    this.tail = (this.tail + text).slice(-END_CHARACTERS);
    if (this.length > MAX_ANSWER_CHARACTERS) {
      this.finish("too-long");
      this.closeStreams();
    } else this.notify();
  }

  private clear(): void {
    this.pieces = [];
    this.length = 0;
    this.tail = "";
  }

  private finish(kind: TerminalFailure["kind"], cause?: unknown): void {
    this.end ??= { kind, cause };
    this.notify();
  }
}
