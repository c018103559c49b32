import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { Agent, buildConnector, interceptors, request } from "undici";
import type { ApplianceConnection } from "../core/connection";
import { delayedSignal, type OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { AnswerTooSlow, readBody } from "./answer-limits";
import { authorities } from "./authorities";
import { ConnectionBroken, codeOf, explainConnectionError, identityNotProved } from "./failures";
import { readServedCertificate } from "./served-certificate";
import { pinProblem, trustProblem, UNKNOWN_CHAIN } from "./trust-problem";

/** Sent with every request; SPS treats browsers differently (SPS REST reference, X-Token). */
export const USER_AGENT = "pulumi-safeguard/0.1.0";

/** Default limit of one answer, in seconds. */
export const DEFAULT_ANSWER_SECONDS = 30;

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** How far an appliance's clock is ahead of this machine's, by the `Date` header, in milliseconds; 0 without the header. */
export function clockAhead({ headers }: HttpAnswer): number {
  const date = Date.parse([headers.date].flat()[0] ?? "");
  return Number.isNaN(date) ? 0 : date - Date.now();
}

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, beginning with a slash. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Limit from the request to the last byte of its answer. Default 30 s. */
  answerSeconds?: number;
  /** True for clean-up requests: they are sent after a cancel too, limited by `answerSeconds` alone. */
  evenIfCancelled?: boolean;
  /**
   * How long a request that is on its way may still go on after a cancel, in seconds; default 0. For requests that an appliance carries out
   * whether or not the answer is read: cut off, nobody knows what came of them.
   */
  secondsAfterCancel?: number;
}

/** The answer to a download. The caller reads `body` to its end, or destroys it. */
export interface Download {
  status: number;
  headers: HttpAnswer["headers"];
  body: Readable;
  /** Turns an error of `body` into a failure with cause and remedy. */
  explain(error: unknown): Promise<SafeguardError>;
}

/** A download that brings nothing for so long is given up. */
const SILENT_MILLISECONDS = 60_000;

/**
 * HTTPS to one appliance, whose identity is verified by the system's or the given authorities, or by the pinned
 * certificate. Reads are retried twice after a broken connection or a 502–504; nothing else is ever sent twice.
 */
export class Transport {
  private readonly agent: Agent;
  private readonly origin: string;

  constructor(
    /** The appliance's name in messages, for example `sps 10.0.0.1`. */
    readonly object: string,
    private readonly connection: ApplianceConnection,
    private readonly context: OperationContext,
    /** The most connections at the same time. */
    connections = 8,
  ) {
    this.origin = `https://${connection.address}:${connection.port}`;
    this.agent = new Agent({ connect: connector(object, connection), keepAliveTimeout: 10_000, connections });
  }

  /**
   * Sends one request and returns its answer, whatever its status.
   * @throws SafeguardError SG1010 unreachable, SG1011 identity not proved; AnswerLost when a changing request was
   * sent and no answer came; SG1018 for an answer beyond its limits.
   */
  async send(httpRequest: HttpRequest): Promise<HttpAnswer> {
    const attempts = httpRequest.method === "GET" ? 3 : 1;
    const seconds = httpRequest.answerSeconds ?? DEFAULT_ANSWER_SECONDS;
    const cancel = httpRequest.evenIfCancelled ? new AbortController().signal : this.context.signal;
    for (let attempt = 1; ; attempt += 1) {
      const { signal, stop } = delayedSignal(cancel, httpRequest.secondsAfterCancel ?? 0);
      try {
        const answer = await this.sendOnce(httpRequest, seconds, signal);
        const isTransient = answer.status >= 502 && answer.status <= 504;
        if (!isTransient || attempt >= attempts) return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SafeguardError) throw error;
        const explained = await this.explain(httpRequest, error);
        const isFinal = attempt >= attempts || !(explained instanceof ConnectionBroken);
        if (isFinal) throw explained;
      } finally {
        stop();
      }
      await pause(200 * attempt, undefined, { signal: cancel });
    }
  }

  /**
   * Begins a download of any size.
   * @param seconds limit until the answer begins
   * @param resumes whether one that breaks goes on where it stopped, as far as the server allows; only for content that stays the same
   * @throws SafeguardError SG1010, SG1011, SG1017
   */
  async download(path: string, headers: Record<string, string>, seconds: number, resumes: boolean): Promise<Download> {
    const explain = (error: unknown) => this.explain({ method: "GET", path }, error);
    const retry = interceptors.retry({ maxRetries: 3, methods: ["GET"], statusCodes: [502, 503, 504] });
    try {
      const answer = await request(this.origin + path, {
        headers: { "user-agent": USER_AGENT, ...headers },
        dispatcher: resumes ? this.agent.compose(retry) : this.agent,
        headersTimeout: seconds * 1000,
        bodyTimeout: SILENT_MILLISECONDS,
        signal: this.context.signal,
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body, explain };
    } catch (error) {
      this.context.signal.throwIfAborted();
      throw await explain(error);
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** A failure with cause and remedy. For an untrusted certificate, it looks at the chain once more: no error of TLS tells it. */
  private async explain(httpRequest: HttpRequest, error: unknown): Promise<SafeguardError> {
    if (!trustProblem(codeOf(error), UNKNOWN_CHAIN)) return explainConnectionError(this.object, httpRequest, error);
    // Only for the message, which is less exact without.
    const served = await readServedCertificate(this.object, this.connection, this.context.signal).catch(
      () => undefined,
    );
    return explainConnectionError(this.object, httpRequest, error, served?.chain);
  }

  private async sendOnce(httpRequest: HttpRequest, seconds: number, signal: AbortSignal): Promise<HttpAnswer> {
    const ending = new AbortController();
    const cancel = () => ending.abort(signal.reason);
    const timer = setTimeout(() => ending.abort(new AnswerTooSlow(seconds)), seconds * 1000);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const answer = await request(this.origin + httpRequest.path, {
        method: httpRequest.method,
        headers: { "user-agent": USER_AGENT, accept: "application/json", ...httpRequest.headers },
        body: httpRequest.body,
        dispatcher: this.agent,
        // The limit of the whole answer covers them: each of these begins anew with every byte.
        headersTimeout: 0,
        bodyTimeout: 0,
        signal: ending.signal,
      });
      return { status: answer.statusCode, headers: answer.headers, text: await readBody(answer.body) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  }
}

/**
 * A connector that fails the handshake unless the appliance proves its identity. Further connections resume the session of an earlier one,
 * which proved it by its issuers or its pin: only the same appliance can, and it saves most of their time.
 */
function connector(object: string, connection: ApplianceConnection): buildConnector.connector {
  const pin = connection.certificateSha256;
  const settings = {
    ...authorities(connection.ca),
    rejectUnauthorized: pin === undefined && !connection.insecureSkipVerify,
    // It keeps sessions only until the next collection of garbage.
    maxCachedSessions: 0,
    timeout: 10_000,
    keepAlive: true,
  };
  let session: Buffer | undefined;
  return (options, callback) =>
    buildConnector({ ...settings, ...(session && { session }) })(
      options,
      (...[error, socket]: Parameters<buildConnector.Callback>) => {
        if (error || !socket) return callback(error ?? new Error("no connection"), null);
        const tls = socket as TLSSocket;
        // A resumed session does not present the certificate again.
        if (pin !== undefined && !tls.isSessionReused()) {
          const served = tls.getPeerX509Certificate()?.fingerprint256 ?? "";
          if (served.replaceAll(":", "").toLowerCase() !== pin) {
            socket.destroy();
            return callback(identityNotProved(object, pinProblem(served).cause), null);
          }
        }
        tls.on("session", (latest: Buffer) => {
          session = latest;
        });
        return callback(null, socket);
      },
    );
}
