import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Agent, type Dispatcher, request } from "undici";
import { AddressBook } from "../../common/address-book";
import { certificateRequest, LabCertificateAuthority } from "../../common/certificates";
import { LabClock } from "../../common/clock";
import { FaultSwitches } from "../../common/faults";
import type { SessionModule } from "../join/session-module";
import type { SppOptions } from "../options";
import { SimulatedSpp } from "../simulated-spp";
import { OpenApi } from "./openapi";

/** Address of the appliance under test. */
export const ADDRESS = "127.88.3.4";
export const HOST_NAME = "spp1.lab.example";
export const PASSWORD = "correct horse";

/** A response with its body. */
export interface Reply {
  status: number;
  headers: Dispatcher.ResponseData["headers"];
  text: string;
  bytes: Buffer;
  /** The parsed JSON body; undefined when empty or not JSON. */
  json: unknown;
}

/** Options of a request. */
export interface RequestOptions {
  token?: string;
  json?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

const openApi = new OpenApi();
let authorityPromise: Promise<LabCertificateAuthority> | undefined;

/** An appliance and an HTTP client that validates each response against the vendor's OpenAPI documents. */
export class Harness {
  private constructor(
    readonly spp: SimulatedSpp,
    readonly clock: LabClock,
    readonly faults: FaultSwitches,
    readonly addressBook: AddressBook,
    private readonly agent: Agent,
  ) {}

  /** @param speed appliance seconds for each second of real time. */
  static async start(options: Partial<SppOptions> = {}, speed = 1): Promise<Harness> {
    authorityPromise ??= LabCertificateAuthority.create("Lab Root");
    const authority = await authorityPromise;
    const [clock, faults, addressBook] = [new LabClock(speed), new FaultSwitches(), new AddressBook()];
    const spp = await SimulatedSpp.start({
      ...{ clock, faults, authority, addressBook },
      ...{ address: ADDRESS, port: 0, hostName: HOST_NAME, password: PASSWORD, passwordGrant: true },
      ...options,
    });
    const agent = new Agent({ connect: { ca: authority.certificatePem } });
    return new Harness(spp, clock, faults, addressBook, agent);
  }

  async stop(): Promise<void> {
    this.clock.stop();
    await this.agent.destroy();
    await this.spp.stop();
  }

  /** Sends a request. Responses of published services are validated. */
  async request(method: Dispatcher.HttpMethod, path: string, { token, json, form, headers = {} }: RequestOptions = {}) {
    const answer = await request(`https://${ADDRESS}:${this.spp.port}${path}`, {
      method,
      dispatcher: this.agent,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      body: form ? new URLSearchParams(form).toString() : json === undefined ? null : JSON.stringify(json),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const text = bytes.toString("utf8");
    const contentType = [answer.headers["content-type"]].flat()[0];
    if (/^\/service\/(core|appliance|notification)\/v4\//i.test(path)) {
      const checked = { method, path, status: answer.statusCode, contentType, text };
      assert.deepEqual(openApi.violations(checked), [], `${method} ${path} → ${answer.statusCode} ${text}`);
    }
    const result: Reply = { status: answer.statusCode, headers: answer.headers, text, bytes, json: undefined };
    if (contentType?.startsWith("application/json") && text !== "") result.json = JSON.parse(text);
    return result;
  }

  /** Sends a request and returns status and error code. */
  async statusAndCode(
    method: Dispatcher.HttpMethod,
    path: string,
    options: RequestOptions = {},
  ): Promise<[number, unknown]> {
    const answer = await this.request(method, path, options);
    return [answer.status, (answer.json as { Code?: number } | undefined)?.Code];
  }

  /** Logs in with the password grant. */
  async login(username = "safeguard-join", password = PASSWORD): Promise<string> {
    const scope = "rsts:sts:primaryproviderid:local";
    const json = { grant_type: "password", username, password, scope };
    return this.exchange(await this.request("POST", "/RSTS/oauth2/token", { json }));
  }

  /** Exchanges a response of the token endpoint for a user token. */
  async exchange(answer: Reply): Promise<string> {
    assert.equal(answer.status, 200, answer.text);
    const { access_token: token } = answer.json as { access_token: string };
    const exchanged = await this.request("POST", "/service/core/v4/Token/LoginResponse", {
      json: { StsAccessToken: token },
    });
    assert.equal(exchanged.status, 200, exchanged.text);
    return (exchanged.json as { UserToken: string }).UserToken;
  }

  /** Sends the first request of a join, as SPS does. */
  async beginJoin(token: string, nodeId: string): Promise<Reply> {
    const { csrPem } = await certificateRequest(`SPS ${nodeId}`);
    return this.request("POST", "/service/core/v3/Cluster/SessionModules", {
      token,
      json: {
        NodeId: nodeId,
        CertificateUserCsr: csrPem,
        SpsNetworkAddress: "127.88.3.5",
        SpsHostName: "sps1.lab.example",
        FirmwareVersion: "8.0.0",
      },
    });
  }

  /** Sends the second request of a join, as SPS does. */
  async validate(nodeId: string, oneTimeToken: string): Promise<Reply> {
    const json = { NodeId: nodeId, OneTimeToken: oneTimeToken };
    return this.request("POST", "/service/a2a/v2/PsmValidation", { json });
  }

  /** Joins an SPS node and waits until it is trusted. */
  async join(token: string, nodeId: string): Promise<SessionModule> {
    const begun = await this.beginJoin(token, nodeId);
    assert.equal(begun.status, 200, begun.text);
    const answered = await this.validate(nodeId, (begun.json as SessionModule).OneTimeToken ?? "");
    assert.equal(answered.status, 200, answered.text);
    return this.until(async () => {
      const rows = (await this.request("GET", "/service/core/v4/Cluster/SessionModules", { token })).json;
      return (rows as SessionModule[]).find((row) => row.NodeId === nodeId && row.Trusted);
    });
  }

  /** The rows of the session modules. */
  async sessionModules(token: string, query = ""): Promise<SessionModule[]> {
    const answer = await this.request("GET", `/service/core/v4/Cluster/SessionModules${query}`, { token });
    return answer.json as SessionModule[];
  }

  /** The running cluster operation, `None` when there is none. */
  async clusterOperation(token: string): Promise<string> {
    const answer = await this.request("GET", "/service/core/v4/Cluster/Status", { token });
    return (answer.json as { Operation: string }).Operation;
  }

  /** Polls for up to 2 s until there is a result. */
  async until<T>(find: () => Promise<T | undefined>): Promise<T> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const found = await find();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("no result within 2 s");
  }
}

/** A PKCE verifier with its challenge, and a CSRF token. */
export function pkce(): { verifier: string; challenge: string; csrf: string } {
  const verifier = randomBytes(60).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  return { verifier, challenge, csrf: randomBytes(32).toString("base64url") };
}
