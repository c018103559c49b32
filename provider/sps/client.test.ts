import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { z } from "zod";
import { failureOf } from "../../tests/support/failure";
import type { Script, ScriptedAnswer } from "../../tests/support/https-server";
import { RecordingLog } from "../../tests/support/recording-log";
import { ScriptedAppliance, SECRET } from "../../tests/support/scripted-appliance";
import { scriptedClients } from "../../tests/support/scripted-clients";
import { SafeguardError } from "../core/errors";
import { AnswerLost } from "../https/failures";
import { SpsRefusal } from "./client";

const LOGGED_IN: ScriptedAnswer = { status: 200, headers: { "set-cookie": ["a=b", "session_id=abc; Secure; Path=/"] } };
const json = (status: number, value: unknown): ScriptedAnswer => ({ status, body: JSON.stringify(value) });
const shape = z.object({ body: z.object({ name: z.string() }) });

describe("the client of SPS", () => {
  const clients = scriptedClients();
  const log = new RecordingLog();
  afterEach(() => log.clear());

  const appliance = (script: Script) => ScriptedAppliance.start(script);

  const open = (to: ScriptedAppliance, changes = {}) => clients.sps(to, changes, log);

  async function refusalOf(work: Promise<unknown>): Promise<SafeguardError> {
    const error = await failureOf(work, SafeguardError);
    for (const text of [error.message, ...log.all]) {
      assert.ok(!text.includes(SECRET) && !text.includes("session_id"), text);
    }
    return error;
  }

  it("logs in with name and password in UTF-8, and sends the cookie afterwards", async () => {
    const sps = await appliance(({ path }) => (path === "/api/authentication" ? LOGGED_IN : json(200, { a: 1 })));
    const client = await open(sps, { username: "ádmin", password: "pässwörd" });
    await client.get("/api/info", z.unknown());
    await client.send("POST", "/api/transaction");
    const [login, read, change] = sps.server.requests;
    assert.equal(login?.path, "/api/authentication");
    const basic = Buffer.from("ádmin:pässwörd", "utf8").toString("base64");
    assert.equal(login?.headers.authorization, `Basic ${basic}`);
    for (const request of [read, change]) {
      assert.equal(request?.headers.cookie, "session_id=abc");
      assert.equal(request?.headers.authorization, undefined);
    }
    assert.deepEqual([change?.body, change?.headers["content-length"]], ["", "0"]);
  });

  const refusals: [string, ScriptedAnswer, string, RegExp][] = [
    ["401", json(401, { error: { type: "Unauthenticated" } }), "SG1013", /user admin was refused/],
    ["403", json(403, { error: { type: "Unauthorized" } }), "SG1013", /user admin was refused/],
    ["500", { status: 500 }, "SG1015", /it answered 500: no explanation; check the load/],
    ["200 without a cookie", json(200, {}), "SG1012", /the server there is not an SPS node/],
    ["a web page", { status: 200, body: "<html></html>" }, "SG1012", /the server there is not an SPS node/],
    ["404", { status: 404 }, "SG1012", /the server there is not an SPS node/],
    [
      "a redirection",
      { status: 302, headers: { location: "/login" } },
      "SG1012",
      /the server there is not an SPS node/,
    ],
  ];
  for (const [name, answer, code, message] of refusals) {
    it(`fails after one attempt when the login is answered with ${name}`, async () => {
      const sps = await appliance(() => answer);
      const failure = await refusalOf(open(sps));
      assert.deepEqual([failure.code, failure.text.object, failure.text.step], [code, "sps 127.0.0.1", "log in"]);
      assert.match(failure.message, message);
      assert.deepEqual(sps.asked, ["GET /api/authentication"]);
    });
  }

  it("does not connect when the password cannot be found", async () => {
    const sps = await appliance(() => LOGGED_IN);
    const failure = await refusalOf(open(sps, { password: undefined, passwordEnv: "SAFEGUARD_TEST_UNSET" }));
    assert.equal(failure.code, "SG1001");
    assert.deepEqual(sps.asked, []);
  });

  it("logs in again once when the session of a read has expired", async () => {
    let isOver = true;
    const sps = await appliance(({ path }) => {
      if (path === "/api/authentication") return LOGGED_IN;
      if (!isOver) return json(200, { body: { name: "sps1" } });
      isOver = false;
      return json(401, { error: { type: "Unauthenticated" } });
    });
    const client = await open(sps);
    assert.deepEqual(await client.get("/api/info", shape), { body: { name: "sps1" } });
    assert.deepEqual(sps.asked, [
      "GET /api/authentication",
      "GET /api/info",
      "GET /api/authentication",
      "GET /api/info",
    ]);
  });

  it("gives up a read when the second new session has expired too", async () => {
    const sps = await appliance(({ path }) => (path === "/api/authentication" ? LOGGED_IN : json(401, {})));
    const client = await open(sps);
    const failure = await refusalOf(client.get("/api/info", shape));
    assert.equal(failure.code, "SG1013");
    assert.equal(sps.asked.length, 6);
  });

  it("does not log in again for a change, because its transaction is lost", async () => {
    const sps = await appliance(({ path }) => (path === "/api/authentication" ? LOGGED_IN : json(401, {})));
    const client = await open(sps);
    const failure = await refusalOf(client.send("PUT", "/api/transaction", { status: "commit" }));
    assert.ok(failure instanceof SpsRefusal);
    assert.deepEqual([failure.code, failure.status], ["SG1013", 401]);
    assert.deepEqual(sps.asked, ["GET /api/authentication", "PUT /api/transaction"]);
  });

  it("accepts any success status, with and without a body", async () => {
    const answers = [json(200, { key: "a" }), json(201, { key: "b" }), { status: 202 }, { status: 204 }];
    const expected = [{ key: "a" }, { key: "b" }, {}, {}];
    let next = answers[0];
    const sps = await appliance(({ path }) => (path === "/api/authentication" ? LOGGED_IN : (next ?? "hang")));
    const client = await open(sps);
    for (const [index, answer] of answers.entries()) {
      next = answer;
      assert.deepEqual(await client.send("POST", "/api/x", {}), expected[index]);
    }
  });

  const errors: [number, unknown, string, string][] = [
    [400, { error: { type: "SemanticError", message: "not\nallowed" } }, "SG1015", "it answered 400: not allowed"],
    [403, { error: { type: "Unauthorized", message: "no privilege" } }, "SG1014", "it answered 403: no privilege"],
    [404, { error: { type: "NotFound" } }, "SG1015", "it answered 404: NotFound"],
    [409, "<html>", "SG1015", "it answered 409: no explanation"],
    [500, undefined, "SG1015", "it answered 500: no explanation"],
  ];
  for (const [status, body, code, cause] of errors) {
    it(`explains an answer ${status} in one line`, async () => {
      const sps = await appliance(({ path }) => (path === "/api/authentication" ? LOGGED_IN : json(status, body)));
      const client = await open(sps);
      const failure = await refusalOf(client.send("POST", "/api/cluster/promote"));
      assert.ok(failure instanceof SpsRefusal);
      assert.deepEqual([failure.code, failure.status], [code, status]);
      assert.ok(failure.message.startsWith(`sps 127.0.0.1: POST /api/cluster/promote: ${cause}; `), failure.message);
    });
  }

  it("does not quote an answer that repeats a secret", async () => {
    let repeated = "";
    const sps = await appliance(({ path }) =>
      path === "/api/authentication"
        ? LOGGED_IN
        : json(400, { error: { type: "SemanticError", message: `refused: ${repeated}` } }),
    );
    const client = await open(sps);
    const basic = Buffer.from(`admin:${SECRET}`).toString("base64");
    for (repeated of [SECRET, basic, "session_id=abc", "the-token", "the-psk"]) {
      const failure = await refusalOf(client.send("POST", "/api/x", { spp_api_token: "the-token", psk: "the-psk" }));
      assert.equal(failure.text.cause, "it answered 400: SemanticError");
    }
    repeated = "nothing secret";
    const failure = await refusalOf(client.send("POST", "/api/x"));
    assert.equal(failure.text.cause, "it answered 400: refused: nothing secret");
  });

  it("refuses incomplete or malformed answers", async () => {
    let body = "";
    const sps = await appliance(({ path }) => (path === "/api/authentication" ? LOGGED_IN : { status: 200, body }));
    const client = await open(sps);
    for (const [given, cause] of [
      ["{}", "the answer has an unexpected shape at body ("],
      ['{"body":{"name":7}}', "the answer has an unexpected shape at body.name ("],
      ["<html>", "the answer is not JSON"],
    ]) {
      body = given ?? "";
      const failure = await refusalOf(client.get("/api/info", shape));
      assert.equal(failure.code, "SG1012");
      assert.ok(failure.text.cause.startsWith(cause ?? ""), failure.message);
    }
  });

  it("distinguishes a lost answer to a change from a refusal", async () => {
    const sps = await appliance(({ path }) => (path === "/api/authentication" ? LOGGED_IN : "cut"));
    const client = await open(sps);
    assert.ok((await refusalOf(client.send("POST", "/api/cluster/spp", { token: SECRET }))) instanceof AnswerLost);
    assert.deepEqual(sps.asked, ["GET /api/authentication", "POST /api/cluster/spp"]);
  });

  it("waits for a node that does not answer after a commit", async () => {
    let silent = false;
    const sps = await appliance((_request, number) => (silent && number < 6 ? { status: 503 } : LOGGED_IN));
    const client = await open(sps);
    silent = true;
    await client.loginAgain(10);
    assert.equal(log.of("status").length, 1);
    assert.match(log.of("status")[0] ?? "", /waiting for a new login after the cluster changed: it answered 503/);
  });

  it("does not retry a refused password while it waits", async () => {
    let refused = false;
    const sps = await appliance(() => (refused ? json(401, {}) : LOGGED_IN));
    const client = await open(sps);
    refused = true;
    const failure = await refusalOf(client.loginAgain(10));
    assert.equal(failure.code, "SG1013");
    assert.equal(sps.asked.length, 2);
  });

  it("gives up waiting for a node at the limit", async () => {
    let silent = false;
    const sps = await appliance(() => (silent ? { status: 500 } : LOGGED_IN));
    const client = await open(sps);
    silent = true;
    assert.equal((await refusalOf(client.loginAgain(0.3))).code, "SG1202");
  });
});
