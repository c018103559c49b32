import { type ApiAnswer, type ApiRequest, answer } from "./api";
import type { Configuration } from "./configuration";

/** What a device does instead of answering a request. */
export type Fault =
  /** Ends the connection before or after the request is carried out. */
  | "cut-before"
  | "cut-after"
  /** Answers with this status, before or after the request is carried out. */
  | { status: number; isCarriedOut?: boolean };

export interface DeviceOptions {
  configuration: Configuration;
  /** A user, whose password may be used, and the token of that user. */
  username: string;
  password: string;
  token: string;
  /** Called after each change and awaited before its answer. */
  configurationChanged?: (configuration: Configuration) => Promise<void>;
}

/** A request without the secret header. */
export type RecordedRequest = Pick<ApiRequest, "method" | "path" | "body"> & { directives: Record<string, string> };

/** A Sophos UTM: its configuration, and what its users see of it. Requests are carried out one after the other. */
export class Device {
  readonly configuration: Configuration;
  readonly username: string;
  readonly password: string;
  readonly token: string;
  /** Decides about each request before it is carried out. */
  faultFor: (request: RecordedRequest) => Fault | undefined = () => undefined;
  /** False refuses new connections, as after a change that cuts administrators off. */
  isReachable = true;
  /** All requests of authenticated users, in order. */
  readonly requests: RecordedRequest[] = [];
  /** Whether the configuration session of the API is open: from a request until one with `X-Restd-Session: close`. */
  isSessionOpen = false;
  private readonly configurationChanged: (configuration: Configuration) => Promise<void>;
  private working: Promise<unknown> = Promise.resolve();

  constructor(options: DeviceOptions) {
    this.configuration = options.configuration;
    this.username = options.username;
    this.password = options.password;
    this.token = options.token;
    this.configurationChanged = options.configurationChanged ?? (async () => undefined);
  }

  /** Documented: HTTP basic authentication with a user's password, or as `token` with an API token. */
  isAuthorized(header: string | undefined): boolean {
    const given = Buffer.from(header?.replace(/^Basic /, "") ?? "", "base64").toString();
    return [`${this.username}:${this.password}`, `token:${this.token}`].includes(given);
  }

  /** Carries a request out. @returns undefined for a connection that is cut instead of an answer */
  handle(request: ApiRequest): Promise<ApiAnswer | undefined> {
    const result = this.working.then(() => this.handleNext(request));
    this.working = result.catch(() => undefined);
    return result;
  }

  private async handleNext(request: ApiRequest): Promise<ApiAnswer | undefined> {
    const { method, path, body, headers } = request;
    const directives = Object.entries(headers).filter(([name]) => name.startsWith("x-restd-"));
    const recorded = { method, path, body, directives: Object.fromEntries(directives) as Record<string, string> };
    this.requests.push(recorded);
    const fault = this.faultFor(recorded);
    if (fault === "cut-before") return undefined;
    if (typeof fault === "object" && !fault.isCarriedOut) return { status: fault.status };
    const answered = answer(this.configuration, request);
    this.isSessionOpen = recorded.directives["x-restd-session"] !== "close";
    if (method !== "GET" && answered.status < 400) await this.configurationChanged(this.configuration);
    if (fault === "cut-after") return undefined;
    return fault ? { status: fault.status } : answered;
  }
}
