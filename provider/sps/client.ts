import type { z } from "zod";
import type { ApplianceConnection } from "../core/connection";
import type { OperationContext } from "../core/context";
import { resolvePassword } from "../core/credential";
import { type ErrorCode, SafeguardError } from "../core/errors";
import { parseJson } from "../core/json";
import { poll } from "../core/poll";
import { readBody } from "../https/answer-limits";
import { inShape } from "../https/shape";
import {
  clockAhead,
  DEFAULT_ANSWER_SECONDS,
  type Download,
  type HttpAnswer,
  type HttpRequest,
  Transport,
} from "../https/transport";
import { errorAnswer } from "./answers";

/** Maximum number of logins during one read. */
const READ_LOGINS = 2;

/** Secret members of request bodies. */
const SECRET_MEMBER = /token|psk|password/;

/** An error answer of SPS, with the type that the vendor documents as stable (SPS REST reference §4.6). */
export class SpsRefusal extends SafeguardError {
  constructor(
    object: string,
    step: string,
    readonly status: number,
    readonly type: string,
    readonly details: unknown,
    message: string,
  ) {
    super({ code: codeFor(status), object, step, cause: message, remedy: remedyFor(status) });
    this.name = "SpsRefusal";
  }
}

/**
 * The REST API of one SPS node in one login session. Reads log in again when the session has expired. Changes do not, because an open
 * transaction ends with its session.
 */
export class SpsClient {
  readonly object: string;
  private cookie = "";
  /** Offset of the node's clock from this machine's, in milliseconds, from its latest answer. */
  private clockAhead = 0;
  /** Values that messages must not show, even if an answer repeats them. */
  private readonly secrets = new Set<string>();

  private constructor(
    readonly connection: ApplianceConnection,
    private readonly transport: Transport,
    readonly context: OperationContext,
  ) {
    this.object = transport.object;
  }

  /**
   * Logs in.
   * @throws SafeguardError SG1010–SG1012 when the node is unreachable or not an SPS, SG1013 when the login is refused.
   */
  static async open(connection: ApplianceConnection, context: OperationContext): Promise<SpsClient> {
    const object = `sps ${connection.address}`;
    const client = new SpsClient(connection, new Transport(object, connection, context), context);
    try {
      await client.login();
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** `GET /api/authentication` with the Basic header (§2.1); the answer's cookie is the session. */
  async login(): Promise<void> {
    const { address, port, username } = this.connection;
    const password = await resolvePassword(this.object, this.connection);
    const isRefusal = (error: unknown) => error instanceof SafeguardError && error.code === "SG1013";
    const credentials = ["sps", address, String(port), username, password];
    await this.context.deployment.logIn(credentials, () => this.logInWith(password), isRefusal);
  }

  private async logInWith(password: string): Promise<void> {
    const basic = Buffer.from(`${this.connection.username}:${password}`, "utf8").toString("base64");
    for (const secret of [password, basic]) this.secrets.add(secret);
    const answer = await this.transport.send({
      method: "GET",
      path: "/api/authentication",
      headers: { authorization: `Basic ${basic}` },
    });
    if (answer.status === 401 || answer.status === 403) throw this.loginRefused();
    const cookie = [answer.headers["set-cookie"] ?? []].flat().find((line) => line.startsWith("session_id="));
    if (answer.status >= 500) throw this.refusal("log in", answer);
    if (answer.status !== 200 || !cookie) throw this.notSps();
    this.cookie = cookie.split(";")[0] ?? "";
    this.secrets.add(this.cookie.slice("session_id=".length));
  }

  /** Logs in again after a commit that affects the cluster, and waits until the node accepts it (§5.9). */
  async loginAgain(limitSeconds: number): Promise<void> {
    await this.retryUntilAnswered("a new login after the cluster changed", limitSeconds, () => this.login());
  }

  /**
   * Repeats a request until the node answers: it may be unreachable for a while after a commit.
   * @throws SafeguardError SG1202 at the limit.
   */
  async retryUntilAnswered<T>(awaiting: string, limitSeconds: number, ask: () => Promise<T>): Promise<T> {
    return poll<T>(this.context, { object: this.object, awaiting, limitSeconds, code: "SG1202" }, async () => {
      try {
        return { done: await ask() };
      } catch (error) {
        // Repeated logins with a wrong password would lock the account.
        if (error instanceof SafeguardError && ["SG1011", "SG1013", "SG1001"].includes(error.code)) throw error;
        return { seen: error instanceof SafeguardError ? error.text.cause : "no answer" };
      }
    });
  }

  /** Reads an object. @throws SpsRefusal for an error answer, SafeguardError SG1012 for an answer of another shape. */
  async get<T extends z.ZodType>(path: string, shape: T): Promise<z.output<T>> {
    let answer = await this.ask({ method: "GET", path });
    // When a new login expires at once, services are restarting after a commit.
    for (let logins = 0; answer.status === 401 && logins < READ_LOGINS; logins += 1) {
      await this.login();
      answer = await this.ask({ method: "GET", path });
    }
    return this.parse(`read ${path}`, answer, shape);
  }

  /**
   * Sends a change and returns the raw JSON of its answer. Never repeated.
   * @throws SpsRefusal, AnswerLost
   */
  async send(
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    options: Pick<HttpRequest, "answerSeconds" | "evenIfCancelled" | "secondsAfterCancel"> = {},
  ): Promise<unknown> {
    for (const [name, value] of Object.entries(body ?? {}))
      if (SECRET_MEMBER.test(name)) this.secrets.add(String(value));
    const answer = await this.ask({
      method,
      path,
      // SPS refuses a POST without a length with 411 (§1), so an empty body is sent as empty text.
      body: body === undefined ? "" : JSON.stringify(body),
      headers: { "content-type": "application/json" },
      ...options,
    });
    if (answer.status < 200 || answer.status >= 300) throw this.refusal(`${method} ${path}`, answer);
    return answer.text === "" ? {} : this.json(`${method} ${path}`, answer);
  }

  /** Begins a download of content that stays the same, whose body the caller reads. @throws SpsRefusal for an error answer */
  async download(path: string): Promise<Download> {
    const download = await this.transport.download(path, { cookie: this.cookie }, DEFAULT_ANSWER_SECONDS, true);
    if (download.status === 200) return download;
    throw this.refusal(`read ${path}`, { ...download, text: await readBody(download.body) });
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /** The node's own time in milliseconds since 1970, from the `Date` of its latest answer; without one, this machine's time. */
  now(): number {
    return Date.now() + this.clockAhead;
  }

  private async ask(question: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.transport.send({ ...question, headers: { ...question.headers, cookie: this.cookie } });
    this.clockAhead = clockAhead(answer);
    return answer;
  }

  private parse<T extends z.ZodType>(step: string, answer: HttpAnswer, shape: T): z.output<T> {
    if (answer.status < 200 || answer.status >= 300) throw this.refusal(step, answer);
    return this.expect(step, this.json(step, answer), shape);
  }

  /**
   * Parses a value.
   * @throws SafeguardError SG1012 for another shape; values are not shown, because they may be secret.
   */
  expect<T extends z.ZodType>(step: string, value: unknown, shape: T): z.output<T> {
    return inShape(shape, value, {
      object: this.object,
      step,
      remedy: "report it with the firmware version of the node",
    });
  }

  private json(step: string, answer: HttpAnswer): unknown {
    const value = parseJson(answer.text);
    if (value !== undefined) return value;
    throw new SafeguardError({
      code: "SG1012",
      object: this.object,
      step,
      cause: "the answer is not JSON",
      remedy: "check that the address is that of an SPS node, not of a proxy or web site",
    });
  }

  private refusal(step: string, answer: HttpAnswer): SpsRefusal {
    const { type = "", message, details } = errorAnswer.safeParse(parseJson(answer.text)).data?.error ?? {};
    const isQuotable = message && ![...this.secrets].some((secret) => message.includes(secret));
    const explanation = isQuotable ? message : type || "no explanation";
    const cause = `it answered ${answer.status}: ${explanation}`;
    return new SpsRefusal(this.object, step, answer.status, type, details, cause);
  }

  private loginRefused(): SafeguardError {
    return new SafeguardError({
      code: "SG1013",
      object: this.object,
      step: "log in",
      cause: `user ${this.connection.username} was refused`,
    });
  }

  private notSps(): SafeguardError {
    return new SafeguardError({
      code: "SG1012",
      object: this.object,
      step: "log in",
      cause: "the server there is not an SPS node",
      remedy: "correct address and port, and enable administrator login on that interface",
    });
  }
}

function codeFor(status: number): ErrorCode {
  if (status === 401) return "SG1013";
  if (status === 403) return "SG1014";
  return "SG1015";
}

function remedyFor(status: number): string {
  if (status === 401) return "the session expired; run the command again";
  if (status === 403) return "give the user read and write/perform on Basic Settings > Cluster management";
  if (status >= 500) return "check the load and the log of the node, then run the command again";
  return "fix the problem that the answer names";
}
