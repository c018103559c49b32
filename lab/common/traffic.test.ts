import assert from "node:assert/strict";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Agent, request } from "undici";
import { type Injection, type RequestRecord, Traffic } from "./traffic";

describe("traffic of a simulated appliance", () => {
  let server: FastifyInstance;
  let traffic: Traffic;
  let origin: string;
  let handled: string[];
  const agent = new Agent({ pipelining: 0 });

  beforeEach(async () => {
    traffic = new Traffic();
    handled = [];
    server = fastify({ forceCloseConnections: true });
    traffic.attach(server);
    server.all("/thing", async (message) => {
      handled.push(message.method);
      return { done: true };
    });
    server.get("/broken", async () => {
      throw new Error("broken");
    });
    origin = await server.listen({ host: "127.0.0.1", port: 0 });
  });
  afterEach(() => server.close());

  /** The status of one response, or the error code of the client. */
  async function send(method: "GET" | "POST", path: string): Promise<number | string> {
    try {
      const answer = await request(origin + path, { method, dispatcher: agent });
      await answer.body.dump();
      return answer.statusCode;
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    }
  }

  it("records method, path, query and status of each request in order", async () => {
    await send("GET", "/thing?a=1&b=x?y");
    await send("POST", "/thing");
    await send("GET", "/absent");
    await send("GET", "/broken");
    assert.deepEqual(
      traffic.requests.map(({ number, method, path, query, status }) => [number, method, path, query, status]),
      [
        [1, "GET", "/thing", "a=1&b=x?y", 200],
        [2, "POST", "/thing", "", 200],
        [3, "GET", "/absent", "", 404],
        [4, "GET", "/broken", "", 500],
      ],
    );
    assert.equal(traffic.count("GET", "/thing"), 1);
    assert.equal(traffic.count("GET", /thing|absent/), 2);
  });

  it("cuts the connection before the request is handled", async () => {
    traffic.inject({ effect: { kind: "cut-before" } });
    assert.equal(await send("POST", "/thing"), "UND_ERR_SOCKET");
    assert.deepEqual(handled, []);
    assert.equal(traffic.requests[0]?.status, undefined);
    assert.equal(await send("POST", "/thing"), 200);
  });

  it("cuts the connection after the request is handled", async () => {
    traffic.inject({ effect: { kind: "cut-after" } });
    assert.equal(await send("POST", "/thing"), "UND_ERR_SOCKET");
    assert.deepEqual(handled, ["POST"]);
    assert.equal(traffic.requests[0]?.status, undefined);
    assert.equal(await send("POST", "/thing"), 200);
  });

  it("responds with an injected status without handling the request", async () => {
    traffic.inject({ effect: { kind: "status", status: 503 } });
    const answer = await request(`${origin}/thing`, { dispatcher: agent });
    assert.deepEqual([answer.statusCode, await answer.body.text()], [503, ""]);
    assert.deepEqual(handled, []);
    assert.equal(traffic.requests[0]?.status, 503);
  });

  it("delays the response but handles the request at once", async () => {
    traffic.inject({ effect: { kind: "delay", milliseconds: 150 } });
    const started = performance.now();
    const answer = send("GET", "/thing");
    while (handled.length === 0 && performance.now() - started < 100) await new Promise(setImmediate);
    assert.deepEqual(handled, ["GET"]);
    assert.equal(await answer, 200);
    assert(performance.now() - started >= 145);
  });

  it("calls a function before handling, before the response and after the response", async () => {
    const seen: [string, number, number | undefined][] = [];
    for (const when of ["before", "after", "answered"] as const) {
      const run = (record: RequestRecord) => void seen.push([when, handled.length, record.status]);
      traffic.inject({ effect: { kind: "call", when, run } });
    }
    await send("GET", "/thing");
    for (let turn = 0; seen.length < 3 && turn < 1000; turn++) await new Promise(setImmediate);
    assert.deepEqual(seen, [
      ["before", 0, undefined],
      ["after", 1, undefined],
      ["answered", 1, 200],
    ]);
  });

  it("injects only into requests that meet the condition of the test", async () => {
    const matches = (request: RequestRecord) => request.number > 2;
    traffic.inject({ method: "GET", matches, effect: { kind: "status", status: 501 } });
    const answers: (number | string)[] = [];
    for (const method of ["GET", "GET", "POST", "GET", "GET"] as const) answers.push(await send(method, "/thing"));
    assert.deepEqual(answers, [200, 200, 200, 501, 200]);
  });

  it("injects by method, path, position and number of times", async () => {
    const status = (code: number): Injection["effect"] => ({ kind: "status", status: code });
    traffic.inject({ method: "POST", effect: status(501) });
    traffic.inject({ path: /^\/thing$/, nth: 3, effect: status(502) });
    traffic.inject({ path: /^\/absent$/, times: 2, effect: status(503) });
    const answers: (number | string)[] = [];
    for (const method of ["GET", "POST", "GET", "POST"] as const) answers.push(await send(method, "/thing"));
    for (let count = 0; count < 3; count++) answers.push(await send("GET", "/absent"));
    assert.deepEqual(answers, [200, 501, 502, 200, 503, 503, 404]);
  });

  it("stops injecting after injections are cleared", async () => {
    traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "status", status: 500 } });
    assert.equal(await send("GET", "/thing"), 500);
    assert.equal(await send("GET", "/thing"), 500);
    traffic.clearInjections();
    assert.equal(await send("GET", "/thing"), 200);
  });
});
