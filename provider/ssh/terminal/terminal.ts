import type { Readable, Writable } from "node:stream";
import { setTimeout as timer } from "node:timers";
import { type FailureKind, MAX_OUTPUT_TEXT, RemoteProgram, type WaitOptions } from "../remote-program";
import { screenText } from "./screen-text";

/** The streams of a terminal; its errors are on the same stream as its output. */
export interface TerminalStreams {
  stdin: Writable;
  stdout: Readable;
}

export interface ExpectOptions extends WaitOptions {
  /** How long the output must be silent after the end of the answer, where its text may hold such an end. Default 0. */
  silenceMilliseconds?: number;
}

/** What a terminal wrote until an expected text, and that text. */
export interface TerminalAnswer {
  text: string;
  end: string;
}

/** The end of an answer is looked for in this many of its last characters. */
const END_CHARACTERS = 4096;

const WHAT_IT_DID: Record<FailureKind, string> = {
  ended: "ended before it answered",
  "too-slow": "did not answer in time",
  "too-long": `wrote more than ${MAX_OUTPUT_TEXT}`,
};

/** There is no answer: the terminal ended, reached the limit, or wrote too much. */
export class TerminalFailure extends Error {
  constructor(
    readonly kind: FailureKind,
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
export class RemoteTerminal extends RemoteProgram {
  private pieces: string[] = [];
  private length = 0;
  private tail = "";
  private looking: NodeJS.Immediate | undefined;

  constructor(
    private readonly streams: TerminalStreams,
    closeStreams: () => void,
    private readonly noise?: RegExp,
  ) {
    super(closeStreams);
    streams.stdout.setEncoding("utf8");
    streams.stdout.on("data", (text: string) => this.receive(text));
    streams.stdout.on("error", (error) => this.finish("ended", error));
    streams.stdout.on("end", () => this.finish("ended"));
    streams.stdout.on("close", () => this.finish("ended"));
    streams.stdin.on("error", (error) => this.finish("ended", error));
  }

  /** Sends lines together. What the terminal wrote before, and nobody expected, is dropped. */
  send(...lines: string[]): void {
    this.clear();
    this.streams.stdin.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** Sends keys as they are, without a line break. What came before stays to be expected. */
  press(keys: string): void {
    this.streams.stdin.write(keys);
  }

  /**
   * Waits until the output ends with the expected text.
   * @throws TerminalFailure when it never does; the abort reason on cancel
   */
  async expect(end: RegExp, { silenceMilliseconds = 0, ...limits }: ExpectOptions): Promise<TerminalAnswer> {
    limits.signal.throwIfAborted();
    let silence: NodeJS.Timeout | undefined;
    const look = (done: (answer: TerminalAnswer) => void) => {
      clearTimeout(silence);
      if (!end.test(this.shown(this.tail).trimEnd())) return false;
      const take = () => done(this.take(end));
      if (silenceMilliseconds > 0) silence = timer(take, silenceMilliseconds);
      else take();
      return true;
    };
    return await this.answer(limits, look, (kind, options) => this.failure(kind, options)).finally(() =>
      clearTimeout(silence),
    );
  }

  /**
   * Waits for the answers to lines that were sent together. `start` matches the beginning of a prompt; the echo of the next
   * line may follow it.
   * @returns the text of each answer, with the echo of its line
   * @throws TerminalFailure when one never comes; the abort reason on cancel
   */
  async expectEach(prompt: RegExp, count: number, limits: WaitOptions): Promise<string[]> {
    limits.signal.throwIfAborted();
    const look = (done: (answers: string[]) => void) => {
      const answers = this.shown(this.pieces.join("")).split(prompt);
      if (answers.length <= count || answers.at(-1)?.trim() !== "") return false;
      this.clear();
      done(answers.slice(0, count));
      return true;
    };
    return await this.answer(limits, look, (kind, options) => this.failure(kind, options));
  }

  private failure(kind: FailureKind, options: ErrorOptions): TerminalFailure {
    return new TerminalFailure(kind, this.shown(this.tail).trim().slice(-500), options);
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
    if (this.isTooLong) return;
    this.pieces.push(text);
    this.length += text.length;
    this.tail = (this.tail + text).slice(-END_CHARACTERS);
    // Terminals echo character by character: what arrives together is looked at once.
    this.looking ??= setImmediate(() => {
      this.looking = undefined;
      this.arrived(this.length);
    });
  }

  private clear(): void {
    this.pieces = [];
    this.length = 0;
    this.tail = "";
  }
}
