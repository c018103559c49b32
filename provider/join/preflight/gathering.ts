import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { endingWith, type OperationContext } from "../../core/context";
import { type ErrorCode, messageOf, SafeguardError } from "../../core/errors";
import { SpsRefusal } from "../../sps/client";

/** A value, or the reason why it could not be read. */
export type Fact<T> = { value: T } | Unread;

/** Why a fact could not be read. */
export interface Unread {
  /** Follows "not checked: ", for example `login refused`. */
  why: string;
  /** Code of the underlying error, or TIME_UP; undefined when no request was sent. */
  code?: ErrorCode | typeof TIME_UP;
  /** Cause and remedy of the underlying error, for the check that reports it. */
  cause?: string;
  remedy?: string;
}

/** Code of a fact that was not read in time. */
export const TIME_UP = "time up";

export function isRead<T>(fact: Fact<T>): fact is { value: T } {
  return "value" in fact;
}

/** The value of a fact; undefined when it was not read. */
export function valueIfRead<T>(fact: Fact<T>): T | undefined {
  return isRead(fact) ? fact.value : undefined;
}

/** Functions that read one fact each. */
export type Reads = Record<string, (...given: never[]) => unknown>;
/** The same for one kind of client. */
export type ReadsOf<Client> = Record<string, (client: Client) => Promise<unknown>>;
export type FactsOf<R extends Reads> = { [Name in keyof R]: Fact<Awaited<ReturnType<R[Name]>>> };

/** Assigns the same reason to several facts. */
export function allUnread<R extends Reads>(reads: R, unread: Unread): FactsOf<R> {
  return Object.fromEntries(Object.keys(reads).map((name) => [name, unread])) as FactsOf<R>;
}

/** A time-limited gathering of facts that turns errors into reasons. */
export class Gathering {
  /** Context for the clients: it aborts on timeout or when the user cancels. */
  readonly context: OperationContext;
  private readonly limit = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(
    outer: OperationContext,
    private readonly limitSeconds: number,
  ) {
    this.context = endingWith(outer, this.limit.signal);
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

  /** Reads several facts of one appliance in parallel. */
  async facts<Client, R extends ReadsOf<Client>>(client: Client, reads: R): Promise<FactsOf<R>> {
    const entries = Object.entries(reads).map(async ([name, read]) => [name, await this.fact(() => read(client))]);
    return Object.fromEntries(await Promise.all(entries)) as FactsOf<R>;
  }

  /** Opens a client. A client that opens after the timeout is closed again. */
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

  /** Aborts all running requests. */
  end(): void {
    clearTimeout(this.timer);
    if (!this.limit.signal.aborted) this.limit.abort(new Error("the gathering has ended"));
  }

  private unread(error: unknown): Unread {
    if (this.context.signal.aborted) return { why: `time was up after ${this.limitSeconds} s`, code: TIME_UP };
    if (!(error instanceof SafeguardError)) return { why: messageOf(error) };
    const { code, text } = error;
    // The explanation of SPS may repeat secrets from the request.
    const cause = error instanceof SpsRefusal ? `it answered ${error.status}` : text.cause;
    return { why: SHORT[code] ?? cause, code, cause, remedy: text.remedy };
  }
}

/** Short causes, because several checks may depend on the same fact. */
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
  SG2004: "the server is not an SPP",
  SG2006: "the account may not read it",
  SG2009: "the session expired",
};

/**
 * All addresses of a host, in resolver order. A literal address is returned unchanged.
 * @param later why there is nothing to resolve, when `host` is empty
 */
export async function resolvedAddresses(host: string, later: string, gathering: Gathering): Promise<Fact<string[]>> {
  if (host === "") return { why: later };
  if (isIP(host)) return { value: [host] };
  return gathering.fact(async () => (await lookup(host, { all: true })).map(({ address }) => address));
}
