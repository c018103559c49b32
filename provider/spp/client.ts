import type { z } from "zod";
import type { SppConnection } from "../core/connection";
import type { OperationContext } from "../core/context";
import { resolvePassword } from "../core/credential";
import { messageOf, SafeguardError } from "../core/errors";
import { parseJson } from "../core/json";
import { readBody } from "../https/answer-limits";
import { inShape } from "../https/shape";
import { type Download, type HttpAnswer, type HttpRequest, Transport } from "../https/transport";
import { apiError, loginResponse } from "./answers";
import { sppFailure } from "./failures";
import { LOCAL, providerIdOf } from "./identity-providers";
import { logInWithPkce } from "./login";

/** API versions in order of preference: v4 since SPP 7.0, v3 before (SPP REST reference §1). */
const VERSIONS = ["v4", "v3"] as const;

/** The web API of one SPP appliance under one user's token. */
export class SppClient {
  readonly object: string;
  private token = "";
  private version: string = VERSIONS[0];

  private constructor(
    readonly connection: SppConnection,
    private readonly transport: Transport,
    readonly context: OperationContext,
  ) {
    this.object = transport.object;
  }

  /** A client without a token, for endpoints that need no login (§5). */
  static anonymous(connection: SppConnection, context: OperationContext): SppClient {
    return new SppClient(connection, new Transport(`spp ${connection.address}`, connection, context), context);
  }

  /**
   * Logs in and exchanges the token for a user token (§3).
   * @throws SafeguardError SG1010–SG1012, SG2001–SG2005, SG2012
   */
  static async open(connection: SppConnection, context: OperationContext): Promise<SppClient> {
    const client = SppClient.anonymous(connection, context);
    try {
      await client.login();
    } catch (error) {
      await client.transport.close();
      throw error;
    }
    return client;
  }

  /** The user token. It carries all rights of the account and is never logged or stored. */
  get userToken(): string {
    return this.token;
  }

  /** Reads an object, and logs in again once when the token has expired; `path` follows the version: `Cluster/Status`. */
  async get<T extends z.ZodType>(
    service: "core" | "appliance" | "notification",
    path: string,
    shape: T,
  ): Promise<z.output<T>> {
    const question = () => this.ask({ method: "GET", path: `/service/${service}/${this.version}/${path}` });
    let answer = await question();
    if (answer.status === 401 && this.token !== "") {
      await this.login();
      answer = await question();
    }
    const step = `read ${path.split("?")[0]}`;
    if (answer.status !== 200) throw this.refusal(step, answer);
    return this.shaped(step, answer, shape);
  }

  /**
   * Sends one change; `path` as for `get`. An answer without a body is read as `undefined`.
   * @throws AnswerLost when its effect is in doubt
   */
  async change<T extends z.ZodType>(
    method: "POST" | "DELETE",
    service: "core" | "appliance",
    path: string,
    shape: T,
  ): Promise<z.output<T>> {
    const answer = await this.ask({ method, path: `/service/${service}/${this.version}/${path}` });
    const step = `${method} ${path.split("?")[0]}`;
    if (answer.status < 200 || answer.status > 299) throw this.refusal(step, answer);
    return this.shaped(step, answer, shape);
  }

  /**
   * Begins a download of the appliance service, whose body the caller reads.
   * @param seconds limit until the answer begins
   * @returns undefined when SPP answers 429, because it makes another one
   */
  async download(path: string, seconds: number): Promise<Download | undefined> {
    const headers = { authorization: `Bearer ${this.token}` };
    const whole = `/service/appliance/${this.version}/${path}`;
    const download = await this.transport.download(whole, headers, seconds, false);
    if (download.status === 200) return download;
    const text = await readBody(download.body);
    if (download.status === 429) return undefined;
    throw this.refusal(`read ${path.split("?")[0]}`, { ...download, text });
  }

  /** Logs out and closes. Best effort: the token expires by itself. */
  async close(): Promise<void> {
    if (this.token !== "") {
      const path = `/service/core/${this.version}/Token/Logout`;
      await this.ask({ method: "POST", path, body: "", answerSeconds: 5, evenIfCancelled: true }).catch(
        (error: unknown) => {
          this.context.log.debug(`${this.object}: logging out failed: ${messageOf(error)}`);
        },
      );
    }
    await this.transport.close();
  }

  private shaped<T extends z.ZodType>(step: string, answer: HttpAnswer, shape: T): z.output<T> {
    const value = answer.text === "" ? undefined : this.json(step, answer);
    return inShape(shape, value, { object: this.object, step, remedy: "report it with the version of the appliance" });
  }

  private async login(): Promise<void> {
    const { address, port, username, identityProvider = LOCAL } = this.connection;
    const password = await resolvePassword(this.object, this.connection);
    const isRefusal = (error: unknown) => error instanceof SafeguardError && ["SG2001", "SG2002"].includes(error.code);
    const credentials = ["spp", address, String(port), identityProvider, username, password];
    await this.context.deployment.logIn(credentials, () => this.logInWith(password), isRefusal);
  }

  private async logInWith(password: string): Promise<void> {
    const { username, identityProvider = LOCAL } = this.connection;
    const isLocal = identityProvider.toLowerCase() === LOCAL;
    const directory = isLocal ? LOCAL : await providerIdOf(this.transport, VERSIONS, identityProvider);
    const stsToken = await logInWithPkce(this.transport, { directory, username, password });
    for (const version of VERSIONS) {
      const answer = await this.transport.send({
        method: "POST",
        path: `/service/core/${version}/Token/LoginResponse`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ StsAccessToken: stsToken }),
      });
      if (answer.status === 404) continue;
      if (answer.status !== 200) throw this.refusal("log in", answer);
      const { Status, UserToken } = this.shaped("log in", answer, loginResponse);
      if (Status === "Needs2FA") throw sppFailure("secondFactor", this.object, "log in", this.connection.username);
      if (Status !== "Success" || !UserToken) throw sppFailure("refused", this.object, "log in", `status ${Status}`);
      this.token = UserToken;
      this.version = version;
      return;
    }
    throw sppFailure("notSpp", this.object, "log in");
  }

  private ask(question: HttpRequest): Promise<HttpAnswer> {
    const authorization: Record<string, string> = this.token === "" ? {} : { authorization: `Bearer ${this.token}` };
    return this.transport.send({ ...question, headers: { ...question.headers, ...authorization } });
  }

  private json(step: string, answer: HttpAnswer): unknown {
    const value = parseJson(answer.text);
    if (value === undefined) throw sppFailure("notSpp", this.object, step);
    return value;
  }

  private refusal(step: string, answer: HttpAnswer): SafeguardError {
    const parsed = apiError.safeParse(parseJson(answer.text));
    const code = parsed.success ? parsed.data.Code : undefined;
    const answered = code === undefined ? `${answer.status}` : `${answer.status}, code ${code}`;
    if (code === 60418) return sppFailure("replica", this.object, step);
    // An expired token is 401; the exchange refuses an expired token of the login with 400 and 60519.
    if (answer.status === 401 || code === 60519) return sppFailure("sessionEnded", this.object, step);
    if (code === 60108 || answer.status === 403) return sppFailure("permission", this.object, step, answered);
    if (answer.status >= 500) return sppFailure("unavailable", this.object, step, answered);
    if (code === undefined && answer.status === 404) return sppFailure("notSpp", this.object, step);
    return sppFailure("refused", this.object, step, answered);
  }
}
