import assert from "node:assert/strict";
import { connect } from "node:tls";
import { describe, it } from "mocha";
import type { SimulatedSps } from "../simulated-sps";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at, list } from "../testing/test-client";

let bench: TestBench;

/** Sends raw bytes and returns the status line. */
async function statusLine(sps: SimulatedSps, head: string, body = ""): Promise<string> {
  const { address, port } = sps.endpoint;
  const socket = connect({
    host: address,
    port,
    ca: sps.certificate.issuerPems.join(""),
    checkServerIdentity: () => undefined,
  });
  socket.write(`${head}\r\nHost: sps\r\nConnection: close\r\n\r\n${body}`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text.split("\r\n")[0] ?? "";
}

function withBench(): void {
  withTestBench((created) => {
    bench = created;
  });
}

describe("login to SPS", () => {
  withBench();

  it("answers a login with the remaining seconds and a session cookie", async () => {
    const { client } = await bench.startSps();
    const refused = await client.get("/api/cluster/nodes");
    assert.equal(refused.status, 401);
    assert.equal(at(refused.body, "error").type, "Unauthenticated");
    assert.deepEqual(at(refused.body, "error", "details"), { resource: "/api/cluster/nodes" });

    const login = await client.logIn();
    assert.equal(login.status, 200);
    assert.match(String(login.headers["set-cookie"]), /^session_id=[0-9a-f]{40}; Secure; HttpOnly; Path=\/$/);
    const seconds = Number(at(login.body, "meta").remaining_seconds);
    assert.ok(seconds > 590 && seconds <= 600, String(seconds));
    assert.equal((await client.get("/api/cluster/nodes")).status, 200);
  });

  it("challenges clients that wait for it, at every 401 or only at the login", async () => {
    const challenge = 'Basic realm="Safeguard for Privileged Sessions"';
    for (const [loginChallenge, elsewhere] of [
      ["every-401", challenge],
      ["login-only", undefined],
    ] as const) {
      const { client } = await bench.startSps({ variant: { loginChallenge } });
      const login = await client.get("/api/authentication");
      const other = await client.get("/api/cluster/nodes");
      assert.deepEqual([login.status, login.headers["www-authenticate"]], [401, challenge]);
      assert.deepEqual([other.status, other.headers["www-authenticate"]], [401, elsewhere]);
    }
  });

  it("refuses wrong passwords, other login methods and certificates", async () => {
    const { sps, client } = await bench.startSps();
    const wrong = bench.clientOf(sps, { username: "admin", password: "wrong" });
    const statuses = [await wrong.logIn(), await client.logIn("?login_method=ad"), await client.logIn("?type=x509")];
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [401, 401, 401],
    );
    assert.equal(client.cookie, undefined);
    assert.equal((await client.logIn("?login_method=local")).status, 200);
  });

  it("accepts credentials with every request and keeps one session", async () => {
    const { sps, client } = await bench.startSps();
    const headers = { authorization: client.basic() };
    for (let count = 0; count < 3; count++) assert.equal((await client.get("/api/transaction", headers)).status, 200);
    assert.equal(sps.openSessions, 1);
    sps.endSessions();
    assert.equal((await client.get("/api/transaction", headers)).status, 200);
    assert.equal(sps.openSessions, 1);
  });

  it("lists the login methods without a login, in the form of the version", async () => {
    const objects = await bench.startSps();
    const texts = await bench.startSps({ variant: { loginMethodItems: "texts" } });
    const old = await bench.startSps({ firmwareVersion: "6.0.12" });
    const path = "/api/authentication/login_methods";
    assert.deepEqual((await objects.client.get(path)).body.login_methods, [{ name: "local", type: "password" }]);
    assert.deepEqual((await texts.client.get(path)).body.login_methods, ["local"]);
    assert.deepEqual((await old.client.get("/api/authentication/types")).body.types, ["basic"]);
    assert.equal((await old.client.get(path)).status, 401);
  });

  it("ends an idle session and its transaction after the web interface timeout", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    await client.put("/api/configuration/management/webinterface", { timeout: 2 });
    await client.commit();
    await client.logIn();
    await client.post("/api/transaction");
    assert.equal(sps.openTransactions, 1);
    await bench.clock.wait(121);
    assert.equal(sps.openTransactions, 0);
    assert.equal((await client.get("/api/transaction")).status, 401);
  });
});

describe("conventions of the SPS API", () => {
  withBench();

  it("sends Allow, Content-Language and Content-Type with every response", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    const { headers } = await client.get("/api/transaction");
    assert.equal(headers.allow, "DELETE, GET, POST, PUT");
    assert.equal(headers["content-language"], "en");
    assert.match(String(headers["content-type"]), /^application\/json/);
  });

  it("answers 405 with Allow to an unsupported method and 404 to an unknown path", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    const wrong = await client.get("/api/cluster/promote");
    assert.deepEqual([wrong.status, at(wrong.body, "error").type], [405, "MethodNotAllowed"]);
    assert.equal(wrong.headers.allow, "POST");
    assert.equal((await client.delete("/api/cluster/nodes/x")).headers.allow, "GET, PUT");
    for (const path of ["/api/nothing", "/api/configuration/ssh/options/x", "/api/cluster/nodes/x"]) {
      const missing = await client.get(path);
      assert.deepEqual([missing.status, at(missing.body, "error").type], [404, "NotFound"], path);
    }
  });

  it("answers 411 to a POST without a length and 417 to Expect", async () => {
    const { sps } = await bench.startSps();
    assert.match(await statusLine(sps, "POST /api/transaction HTTP/1.1"), /^HTTP\/1\.1 411 /);
    const expecting = "POST /api/transaction HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue";
    assert.match(await statusLine(sps, expecting), /^HTTP\/1\.1 417 /);
  });

  it("answers 400 to a body or content type that is not JSON", async () => {
    const { sps, client } = await bench.startSps();
    const head = `PUT /api/transaction HTTP/1.1\r\nAuthorization: ${client.basic()}\r\nContent-Type: application/json`;
    assert.match(await statusLine(sps, `${head}\r\nContent-Length: 1`, "{"), /^HTTP\/1\.1 400 /);
    await client.logIn();
    const plain = await client.put("/api/transaction", { status: "commit" }, { "content-type": "text/plain" });
    assert.deepEqual([plain.status, at(plain.body, "error").type], [400, "MalformedRequest"]);
  });

  it("refuses changes from browsers without the token of the user information", async () => {
    for (const browserTokenField of ["user.token", "token", "body.token"] as const) {
      const { client } = await bench.startSps({ variant: { browserTokenField } });
      client.headers["user-agent"] = "Mozilla/5.0 (Windows NT; PowerShell)";
      await client.logIn();
      const refused = await client.post("/api/transaction");
      assert.deepEqual([refused.status, at(refused.body, "error").type], [403, "TokenRequired"]);
      const { body } = await client.get("/api/user/info");
      const [field = "", ...rest] = browserTokenField.split(".").reverse();
      const token = String(at(body, ...rest)[field]);
      assert.equal((await client.post("/api/transaction", undefined, { "x-token": token })).status, 200);
    }
  });

  it("requires no token from other clients and before version 7.5", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    assert.equal((await client.post("/api/transaction", undefined, { "user-agent": "PowerShell/6.0.0" })).status, 200);
    const old = await bench.startSps({ firmwareVersion: "7.4.0" });
    await old.client.logIn();
    assert.equal((await old.client.post("/api/transaction", undefined, { "user-agent": "Mozilla/5.0" })).status, 200);
  });
});

describe("user information and privileges of SPS", () => {
  withBench();

  it("lists the privileges of the account under all paths of the user information", async () => {
    const { client } = await bench.startSps({ privileges: { clusterManagement: "read", troubleshooting: "none" } });
    await client.logIn();
    for (const path of ["/api/user_info", "/api/user/info", "/api/userinfo", "/api/endpoints"]) {
      const { status, body } = await client.get(path);
      assert.equal(status, 200);
      const endpoints = list(body.endpoints);
      const methods = (url: string) => endpoints.find((endpoint) => endpoint.url === url)?.methods;
      assert.deepEqual(methods("/api/cluster"), ["GET"], path);
      assert.deepEqual(methods("/api/transaction"), ["DELETE", "GET", "POST", "PUT"], path);
      assert.equal(methods("/api/configuration/troubleshooting"), undefined, path);
    }
  });

  it("answers 403 to a request without the privilege", async () => {
    const { client } = await bench.startSps({ privileges: { clusterManagement: "read", policies: "none" } });
    await client.logIn();
    assert.equal((await client.get("/api/cluster/nodes")).status, 200);
    for (const refused of [
      await client.post("/api/cluster/promote"),
      await client.get("/api/configuration/policies/time_policies"),
    ]) {
      assert.deepEqual([refused.status, at(refused.body, "error").type], [403, "Unauthorized"]);
    }
  });
});

describe("information about SPS", () => {
  withBench();

  it("shows the host name to all clients, version and roles after a login", async () => {
    const { client } = await bench.startSps({ firmwareVersion: "8.0.0" });
    const anonymous = at((await client.get("/api/info")).body, "body");
    assert.deepEqual([anonymous.hostname, anonymous.domainname], ["sps1", "lab.example"]);
    assert.equal("roles" in anonymous || "firmware_version" in anonymous, false);
    await client.logIn();
    const { body } = await client.get("/api/info");
    assert.deepEqual([at(body, "body").firmware_version, at(body, "body").roles], ["8.0.0", []]);
  });

  it("refuses an expired cookie, or answers without session data, by variant", async () => {
    for (const [staleCookieOnInfo, status] of [
      ["refused", 401],
      ["anonymous", 200],
    ] as const) {
      const { sps, client } = await bench.startSps({ variant: { staleCookieOnInfo } });
      await client.logIn();
      sps.endSessions();
      const reply = await client.get("/api/info");
      assert.equal(reply.status, status);
      assert.equal("roles" in at(reply.body, "body"), false);
    }
  });

  it("shows the setup status to all clients, the health after a login", async () => {
    const { client } = await bench.startSps({ setupStatus: "uninitialized" });
    assert.equal((await client.get("/api/setup")).body.status, "uninitialized");
    assert.equal((await client.get("/api/health_status")).status, 401);
    await client.logIn();
    const health = at((await client.get("/api/health_status")).body, "health_status");
    assert.deepEqual([health.memory, health.sessions_total, at(health, "sessions").mssql], [41.2, 0, 0]);
  });
});
