import { lookup } from "node:dns/promises";
import { setMaxListeners } from "node:events";
import { isIP } from "node:net";
import type { OperationContext } from "../../core/context";
import { type ErrorCode, messageOf, SafeguardError } from "../../core/errors";
import { type Fact, isRead, TIME_UP, type Unread } from "./fact";

/** One gathering of facts: it ends when the time is up, and turns errors into reasons. */
export class Gathering {
  /** For the clients: ends when the time is up or the user cancels. */
  readonly context: OperationContext;
  private readonly limit = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(
    outer: OperationContext,
    private readonly limitSeconds: number,
  ) {
    const signal = AbortSignal.any([outer.signal, this.limit.signal]);
    // Dozens of requests listen to it at the same time.
    setMaxListeners(0, signal);
    this.context = { ...outer, signal };
    this.timer = setTimeout(() => this.limit.abort(new Error("the time is up")), limitSeconds * 1000);
  }

  /** Reads one fact; never throws, and never takes longer than the gathering. */
  async fact<T>(read: () => Promise<T>): Promise<Fact<T>> {
    const { signal } = this.context;
    let stop = () => {};
    const ended = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
    });
    try {
      if (signal.aborted) return this.unread(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      return { value: await Promise.race([read(), ended]) };
    } catch (error) {
      return this.unread(error);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Opens a client; one that opens only when the time is up already is closed again. */
  async opened<T extends { close(): Promise<void> }>(open: () => Promise<T>): Promise<Fact<T>> {
    let opening: Promise<T> | undefined;
    const fact = await this.fact(() => {
      opening = open();
      return opening;
    });
    if (!isRead(fact)) {
      opening?.then(
        (late) => late.close(),
        () => undefined,
      );
    }
    return fact;
  }

  /** Stops everything that still goes on. */
  end(): void {
    clearTimeout(this.timer);
    if (!this.limit.signal.aborted) this.limit.abort(new Error("the gathering has ended"));
  }

  private unread(error: unknown): Unread {
    if (this.context.signal.aborted) return { why: `time was up after ${this.limitSeconds} s`, code: TIME_UP };
    if (!(error instanceof SafeguardError)) return { why: messageOf(error) };
    const { code, text } = error;
    // What an appliance says about its refusal may repeat what it was sent.
    const cause = /^it answered \d+/.exec(text.cause)?.[0] ?? text.cause;
    return { why: SHORT[code] ?? cause, code, cause, remedy: text.remedy };
  }
}

/** Causes in the few words that stand behind every check that depends on the same fact. */
const SHORT: Partial<Record<ErrorCode, string>> = {
  SG1001: "its password was not found",
  SG1010: "not reached",
  SG1011: "its identity is not proved",
  SG1013: "login refused",
  SG1014: "the account may not read it",
  SG1016: "the connection broke",
  SG1017: "the connection broke",
  SG2001: "login refused",
  SG2002: "login refused",
  SG2003: "login refused",
  SG2004: "what answers is not an SPP",
  SG2006: "the account may not read it",
  SG2009: "the login ended in between",
};

/**
 * Every address of a host, in the order of the name service; an address stands for itself. No appliance is asked.
 * @param later why there is nothing to resolve, when `host` is empty
 */
export async function resolvedAddresses(host: string, later: string, gathering: Gathering): Promise<Fact<string[]>> {
  if (host === "") return { why: later };
  if (isIP(host)) return { value: [host] };
  return gathering.fact(async () => (await lookup(host, { all: true })).map(({ address }) => address));
}
