import type { z } from "zod";
import type { SophosUtmConnection } from "../../../core/connection";
import type { OperationContext } from "../../../core/context";
import { resolvePassword } from "../../../core/credential";
import { SafeguardError } from "../../../core/errors";
import { parseJson } from "../../../core/json";
import { AnswerLost } from "../../../https/failures";
import { inShape } from "../../../https/shape";
import { type HttpAnswer, Transport } from "../../../https/transport";

/** Each connection costs the router a TLS handshake. */
const CONNECTIONS = 2;

/** A change that is on its way is carried out whether or not its answer is read, so a cancel waits for it. */
const SECONDS_AFTER_CANCEL = 30;

/** Documented headers of requests. */
export interface Directives {
  /** Accepts that the object leaves lists and nodes: `X-Restd-Err-Ack: all`. */
  isAcknowledged?: boolean;
  /** Changes objects that a user has locked: `X-Restd-Lock-Override: yes`. */
  isOverridingLocks?: boolean;
  /** Node that gets the reference of a new object as its first one: `X-Restd-Insert`. */
  insertInto?: string;
}

/** The router refused a request. */
export class RequestRefused extends SafeguardError {
  constructor(
    object: string,
    step: string,
    readonly status: number,
    cause: string,
  ) {
    super({ code: codeFor(status), object, step, cause });
    this.name = "RequestRefused";
  }

  /** Whether nothing was changed for certain. A failing server may have carried the request out. */
  get isDefinite(): boolean {
    return this.status < 500;
  }

  /** Whether a server in between answered, so that the request may still be carried out. */
  get isByGateway(): boolean {
    return this.status >= 502 && this.status <= 504;
  }
}

/** For requests about what may be missing. Throws every other error. */
export function ignoreMissing(error: unknown): undefined {
  if (error instanceof RequestRefused && error.status === 404) return undefined;
  throw error;
}

/** The requests of a UTM, without its connection. */
export type UtmApi = Pick<UtmClient, "object" | "get" | "change">;

/** The REST API of a UTM over one connection. */
export class UtmClient {
  readonly object: string;
  private readonly transport: Transport;

  private constructor(
    object: string,
    transport: Transport,
    private readonly authorization: string,
    private readonly signal: AbortSignal,
  ) {
    this.object = object;
    this.transport = transport;
  }

  /** @throws SafeguardError SG1001 when the password cannot be resolved */
  static async open(object: string, router: SophosUtmConnection, context: OperationContext): Promise<UtmClient> {
    const password = await resolvePassword(object, router);
    const basic = Buffer.from(`${router.username}:${password}`).toString("base64");
    const transport = new Transport(object, router, context, CONNECTIONS);
    return new UtmClient(object, transport, `Basic ${basic}`, context.signal);
  }

  /** Reads a value. @throws SafeguardError when it cannot be read */
  async get<T extends z.ZodType>(path: string, shape: T, step: string): Promise<z.output<T>> {
    const { text } = await this.send("GET", path, step);
    const remedy = "correct address and port of the connection; only UTM 9 with its RESTful API is supported";
    return inShape(shape, parseJson(text), { object: this.object, step, remedy });
  }

  /**
   * Sends a change. @returns the text of the answer
   * @throws RequestRefused; AnswerLost when its outcome is unknown
   */
  async change(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    step: string,
    body?: unknown,
    { isAcknowledged, isOverridingLocks, insertInto }: Directives = {},
  ): Promise<string> {
    this.signal.throwIfAborted();
    const headers = {
      ...(isAcknowledged && { "x-restd-err-ack": "all" }),
      ...(isOverridingLocks && { "x-restd-lock-override": "yes" }),
      ...(insertInto !== undefined && { "x-restd-insert": `${insertInto} 1` }),
    };
    try {
      return (await this.send(method, path, step, body, headers)).text;
    } catch (error) {
      if (error instanceof SafeguardError || !this.signal.aborted) throw error;
      throw new AnswerLost(this.object, step, `no answer came within ${SECONDS_AFTER_CANCEL} s of the cancel`);
    }
  }

  /** Ends the configuration session on the router and the connection, also after a cancel. */
  async close(): Promise<void> {
    const headers = { authorization: this.authorization, "x-restd-session": "close" };
    const request = {
      method: "GET",
      path: "/api/status/version",
      headers,
      answerSeconds: 5,
      evenIfCancelled: true,
    } as const;
    // A session that stays open costs memory on the router, and nothing else.
    await this.transport.send(request).catch(() => undefined);
    await this.transport.close();
  }

  private async send(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    step: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer> {
    const answer = await this.transport.send({
      method,
      path,
      headers: {
        authorization: this.authorization,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(method !== "GET" && { secondsAfterCancel: SECONDS_AFTER_CANCEL }),
    });
    if (answer.status < 400) return answer;
    throw new RequestRefused(this.object, step, answer.status, causeOf(answer));
  }
}

function codeFor(status: number) {
  if (status === 401) return "SG3017";
  if (status === 403) return "SG3018";
  return status === 404 ? "SG1012" : "SG3019";
}

/** The API answers errors with a list; each has a text in `name`. */
function causeOf({ status, text }: HttpAnswer): string {
  const errors = [parseJson(text)].flat() as ({ name?: unknown } | undefined | null)[];
  const texts = errors.map((one) => one?.name).filter((name) => typeof name === "string");
  return [`the router answered ${status}`, ...texts].join(": ");
}
