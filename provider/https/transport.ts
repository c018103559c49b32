import { setTimeout as pause } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { Agent, buildConnector, request } from "undici";
import type { ApplianceConnection } from "../core/connection";
import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { ConnectionBroken, explainConnectionError, identityNotProved } from "./failures";

/** Sent with every request; SPS treats agents that look like a browser differently (SPS REST reference, X-Token). */
export const USER_AGENT = "pulumi-safeguard/0.1.0";

/** How long an appliance may take for one ordinary answer. */
export const DEFAULT_ANSWER_SECONDS = 30;

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** How far the clock of an appliance is ahead of this machine's by the `Date` of its answer, in milliseconds; 0 without one. */
export function clockAhead({ headers }: HttpAnswer): number {
  const date = Date.parse([headers.date].flat()[0] ?? "");
  return Number.isNaN(date) ? 0 : date - Date.now();
}

export interface HttpQuestion {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query, beginning with a slash. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Upper bound for the whole answer. Default 30 s. */
  answerSeconds?: number;
  /** True for what must not stay half-done: sent also after the operation was cancelled, bounded by `answerSeconds` alone. */
  evenIfCancelled?: boolean;
}

/**
 * HTTPS to one appliance, with its identity proved as the connection says: by the system's or the given
 * authorities, or by the pinned certificate. Reads are repeated twice after a broken connection or a 502–504;
 * nothing else is ever sent twice.
 */
export class Transport {
  private readonly agent: Agent;
  private readonly origin: string;

  constructor(
    /** The appliance in messages, for example `sps 10.0.0.1`. */
    readonly object: string,
    connection: ApplianceConnection,
    private readonly context: OperationContext,
  ) {
    this.origin = `https://${connection.address}:${connection.port}`;
    this.agent = new Agent({ connect: connector(object, connection), keepAliveTimeout: 10_000, connections: 8 });
  }

  /**
   * One request and its answer, whatever its status.
   * @throws SafeguardError SG1010 unreachable, SG1011 identity not proved; AnswerLost when a changing request was
   * sent and no answer came.
   */
  async send(question: HttpQuestion): Promise<HttpAnswer> {
    const attempts = question.method === "GET" ? 3 : 1;
    const seconds = question.answerSeconds ?? DEFAULT_ANSWER_SECONDS;
    const signal = question.evenIfCancelled ? new AbortController().signal : this.context.signal;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.sendOnce(question, seconds, signal);
        const isTransient = answer.status >= 502 && answer.status <= 504;
        if (!isTransient || attempt >= attempts) return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SafeguardError) throw error;
        const explained = explainConnectionError(this.object, question, error);
        const isFinal = attempt >= attempts || !(explained instanceof ConnectionBroken);
        if (isFinal) throw explained;
      }
      await pause(200 * attempt, undefined, { signal });
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async sendOnce(question: HttpQuestion, seconds: number, signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await request(this.origin + question.path, {
      method: question.method,
      headers: { "user-agent": USER_AGENT, accept: "application/json", ...question.headers },
      body: question.body,
      dispatcher: this.agent,
      headersTimeout: seconds * 1000,
      bodyTimeout: seconds * 1000,
      signal,
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }
}

/** A connector that ends the handshake with an error unless the appliance proved who it is. */
function connector(object: string, connection: ApplianceConnection): buildConnector.connector {
  const pin = connection.certificateSha256;
  const connect = buildConnector({
    ca: connection.ca,
    rejectUnauthorized: pin === undefined && !connection.insecureSkipVerify,
    // A resumed session would not show the certificate again, so the pin could not be compared.
    maxCachedSessions: 0,
    timeout: 10_000,
    keepAlive: true,
  });
  return (options, callback) =>
    connect(options, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error || !socket) return callback(error ?? new Error("no connection"), null);
      if (pin !== undefined) {
        const served = (socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? "";
        if (served.replaceAll(":", "").toLowerCase() !== pin) {
          socket.destroy();
          return callback(identityNotProved(object, `its certificate is ${served}, not the pinned one`), null);
        }
      }
      return callback(null, socket);
    });
}
