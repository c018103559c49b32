import { readFileSync } from "node:fs";
import { Agent } from "undici";
import type { ApplianceDescription } from "../common/description";

/** A request exactly as a client sends it. */
export interface WireRequest {
  headers?: Record<string, string>;
  /** Text as it is, or the fields of a form. */
  body?: string | URLSearchParams;
}

/** A response. */
export interface WireReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  bytes: Buffer;
  /** The parsed JSON; undefined when there is none. */
  json: unknown;
}

/** Sends requests to an appliance of a lab, unchanged: no header is added but `Host` and the length. */
export class Wire {
  private readonly agent: Agent;
  private readonly cookies = new Map<string, string>();

  constructor(private readonly appliance: ApplianceDescription) {
    this.agent = new Agent({ connect: { ca: readFileSync(appliance.caFile, "utf8") } });
  }

  /** @param target method and path, for example `GET /service/core/v4/Me`; the path is sent as it is. */
  async send(target: string, { headers = {}, body }: WireRequest = {}): Promise<WireReply> {
    const [method = "", path = ""] = target.split(/ (.*)/s);
    const { address, port } = this.appliance;
    const answer = await this.agent.request({
      origin: `https://${address}:${port}`,
      path,
      method: method as "GET",
      headers: {
        ...headers,
        ...(this.cookies.size === 0 ? {} : { cookie: this.cookieHeader() }),
        ...(body instanceof URLSearchParams ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      },
      body: body === undefined ? null : body.toString(),
    });
    for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const text = bytes.toString("utf8");
    const isJson = /^application\/json/.test(String(answer.headers["content-type"])) && text !== "";
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      bytes,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** The value of a cookie, as the server sent it. */
  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.cookies.set(name, value);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}

/** The value of an `Authorization` header with user name and password. */
export function basic({ username, password }: ApplianceDescription): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** The value at a path of member names and positions; undefined when there is none. */
export function member(value: unknown, ...path: (string | number)[]): unknown {
  let found: unknown = value;
  for (const name of path) found = (found as Record<string | number, unknown> | null | undefined)?.[name];
  return found;
}
