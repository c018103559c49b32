import { setTimeout as timer } from "node:timers";

/** Limit of the output that waits for a reader, in characters: the configuration of a large router has some millions. */
const MAX_OUTPUT_CHARACTERS = 32 * 1024 * 1024;

/** That limit in words. */
export const MAX_OUTPUT_TEXT = `${MAX_OUTPUT_CHARACTERS >> 20} MB`;

/** Why there is no answer: the program ended, reached the limit of time, or wrote too much. */
export type FailureKind = "ended" | "too-slow" | "too-long";

/** Limits of the wait for one answer. */
export interface WaitOptions {
  /** In seconds. */
  limitSeconds: number;
  signal: AbortSignal;
}

/** A program at the other end of a connection, whose answers are awaited one at a time. */
export abstract class RemoteProgram {
  private end: { kind: FailureKind; cause?: unknown } | undefined;
  private notify: () => void = () => undefined;

  protected constructor(private readonly closeStreams: () => void) {}

  /** Ends the connection. What runs on the other side may go on to its end. */
  close(): void {
    this.finish("ended");
    this.closeStreams();
  }

  /** Whether it wrote too much, so that its further output is dropped. */
  protected get isTooLong(): boolean {
    return this.end?.kind === "too-long";
  }

  /** Looks at new output, unless more characters wait for a reader than the limit allows. */
  protected arrived(waitingCharacters: number): void {
    if (waitingCharacters > MAX_OUTPUT_CHARACTERS) {
      this.finish("too-long");
      this.closeStreams();
    } else this.notify();
  }

  /** Nothing more will come; the first reason counts. */
  protected finish(kind: FailureKind, cause?: unknown): void {
    this.end ??= { kind, cause };
    this.notify();
  }

  /**
   * Waits for one answer.
   * @param look called at once and after each output; hands over the answer when it is there, and returns whether it is, or is about to be
   * @param failure the error when there will be none
   * @throws that error; the abort reason on cancel
   */
  protected answer<T>(
    { limitSeconds, signal }: WaitOptions,
    look: (done: (answer: T) => void) => boolean,
    failure: (kind: FailureKind, options: ErrorOptions) => Error,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        clearTimeout(limit);
        signal.removeEventListener("abort", onAbort);
        this.notify = () => undefined;
        action();
      };
      const fail = (kind: FailureKind, cause?: unknown) => settle(() => reject(failure(kind, { cause })));
      const onAbort = () => settle(() => reject(signal.reason));
      const limit = timer(() => fail("too-slow"), limitSeconds * 1000);
      signal.addEventListener("abort", onAbort, { once: true });
      this.notify = () => {
        const isThere = look((found) => settle(() => resolve(found)));
        if (!isThere && this.end) fail(this.end.kind, this.end.cause);
      };
      this.notify();
    });
  }
}
