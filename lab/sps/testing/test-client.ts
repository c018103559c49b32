import { Agent, request } from "undici";
import type { SimulatedSps } from "../simulated-sps";
import { isObject, type JsonObject } from "../state/json";

/** A response of an appliance. */
export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed JSON; an empty object when there is none. */
  body: JsonObject;
  bytes: Buffer;
}

/** A plain HTTP client that keeps the session cookie. */
export class TestClient {
  cookie: string | undefined;
  readonly headers: Record<string, string> = { "user-agent": "lab-test/1.0" };
  private readonly agent: Agent;
  private readonly origin: string;

  constructor(
    private readonly sps: SimulatedSps,
    private readonly credentials = { username: "admin", password: "s3cret" },
  ) {
    this.agent = new Agent({ connect: { ca: sps.certificate.issuerPems.join("") } });
    this.origin = `https://${sps.endpoint.address}:${sps.endpoint.port}`;
  }

  /** Logs in and keeps the cookie. */
  async logIn(query = ""): Promise<Reply> {
    return this.send("GET", `/api/authentication${query}`, undefined, { authorization: this.basic() });
  }

  /** The value of an `Authorization` header. */
  basic(): string {
    const { username, password } = this.credentials;
    return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
  }

  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.send("GET", path, undefined, headers);
  }

  post(path: string, body?: JsonObject, headers?: Record<string, string>): Promise<Reply> {
    return this.send("POST", path, body, headers);
  }

  put(path: string, body?: JsonObject, headers?: Record<string, string>): Promise<Reply> {
    return this.send("PUT", path, body, headers);
  }

  delete(path: string): Promise<Reply> {
    return this.send("DELETE", path);
  }

  commit(): Promise<Reply> {
    return this.put("/api/transaction", { status: "commit" });
  }

  async send(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: JsonObject,
    extra: Record<string, string> = {},
  ): Promise<Reply> {
    const answer = await request(`${this.origin}${path}`, {
      method,
      dispatcher: this.agent,
      body: body === undefined ? null : JSON.stringify(body),
      headers: {
        ...this.headers,
        ...(this.cookie === undefined ? {} : { cookie: `session_id=${this.cookie}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...extra,
      },
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const id = /session_id=([^;]+)/.exec(String(answer.headers["set-cookie"] ?? ""))?.[1];
    if (id !== undefined) this.cookie = id;
    return { status: answer.statusCode, headers: answer.headers, body: parse(bytes), bytes };
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** Key of the first address of a network interface, in the form of `listen_address`. */
  async addressKey(nic: string): Promise<string> {
    const { body } = await this.get(`/api/configuration/network/nics/${nic}`);
    const interfaces = at(body, "body", "interfaces");
    const interfaceId = first(interfaces);
    const addressId = first(at(interfaces, interfaceId, "addresses"));
    return `${nic}.interfaces.${interfaceId}.addresses.${addressId}`;
  }

  /** Enables the cluster interface, with a login before and after. */
  async enableClusterInterface(nic = "nic1"): Promise<void> {
    await this.logIn();
    await this.post("/api/transaction");
    const listen_address = await this.addressKey(nic);
    await this.expect(200, this.put("/api/configuration/local_services/cluster", { enabled: true, listen_address }));
    await this.expect(200, this.commit());
    await this.logIn();
  }

  /** Promotes the appliance to Central Management node and assigns its search role. */
  async promote(searchRole = "search-local"): Promise<void> {
    await this.enableClusterInterface();
    await this.expect(200, this.post("/api/cluster/promote"));
    await this.expect(200, this.commit());
    await this.logIn();
    await this.setRoles(this.sps.nodeId, this.sps.clusterAddress, ["central-management", searchRole]);
  }

  /** Assigns roles and commits. */
  async setRoles(nodeId: string, address: string, roles: string[]): Promise<void> {
    await this.expect(200, this.put(`/api/cluster/nodes/${nodeId}`, { address, roles }));
    await this.expect(200, this.commit());
    await this.logIn();
  }

  /** The status of a node on the Central Management node; empty when it is not listed. */
  async nodeStatus(nodeId: string): Promise<JsonObject> {
    const { body } = await this.expect(200, this.get("/api/cluster/status"));
    return list(body.items).find((item) => item.key === nodeId) ?? {};
  }

  /** Awaits a response. @throws Error when it has another status. */
  async expect(status: number, reply: Promise<Reply>): Promise<Reply> {
    const received = await reply;
    if (received.status === status) return received;
    throw new Error(`expected ${status}, received ${received.status}: ${received.bytes.toString("utf8")}`);
  }
}

/** Status and error type of a response, for example `400 SemanticError`. */
export function statusAndType(reply: Reply): string {
  return `${reply.status} ${String(at(reply.body, "error").type)}`;
}

/** The nested object at a path of member names; an empty object when there is none. */
export function at(value: unknown, ...path: string[]): JsonObject {
  let found: unknown = value;
  for (const part of path) found = isObject(found) ? found[part] : undefined;
  return isObject(found) ? found : {};
}

/** The objects of a list, for example of `items`. */
export function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function first(ordered: JsonObject): string {
  const order = ordered["@order"];
  return Array.isArray(order) ? String(order[0]) : "";
}

function parse(bytes: Buffer): JsonObject {
  try {
    const parsed: unknown = JSON.parse(bytes.toString("utf8"));
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
