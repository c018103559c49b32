import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { endlessAnswer, type HostileAnswer, HostileServer, plainAnswer } from "../../tests/support/hostile/server";
import { operationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { MAX_ANSWER_BYTES, readBody } from "./answer-limits";
import { AnswerLost } from "./failures";
import { Transport } from "./transport";

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const CHUNK = `40000\r\n${"x".repeat(0x40000)}\r\n`;

describe("limits of an answer", () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function ask(method: "GET" | "POST", answer: HostileAnswer, answerSeconds = 20) {
    const server = await HostileServer.start(() => answer);
    const transport = new Transport("sps 127.0.0.1", server.connection, operationContext());
    endings.push(
      () => transport.close(),
      () => server.stop(),
    );
    const started = Date.now();
    const error: unknown = await transport
      .send({ method, path: "/api/info?secret", answerSeconds, ...(method === "POST" && { body: "" }) })
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof SafeguardError, String(error));
    return { error, server, seconds: (Date.now() - started) / 1000 };
  }

  it("ends an endless answer at its limit of size, and asks no second time", async () => {
    const { error, server } = await ask("GET", endlessAnswer(CHUNKED, CHUNK));
    assert.equal(error.text.step, "GET /api/info");
    assert.deepEqual([error.code, error.text.cause], ["SG1018", "the answer is larger than 8 MB"]);
    assert.equal(server.requests, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(server.sentBytes < 4 * MAX_ANSWER_BYTES, `${server.sentBytes} bytes`);
  });

  it("leaves the outcome of a change open when its answer is too large", async () => {
    const { error, server } = await ask("POST", endlessAnswer(CHUNKED, CHUNK));
    assert.ok(error instanceof AnswerLost);
    assert.equal(error.text.cause, "the answer is larger than 8 MB; the outcome of the request is unknown");
    assert.equal(server.requests, 1);
  });

  const slow = {
    "a body that drips": endlessAnswer(CHUNKED, "1\r\nx\r\n", 20),
    "a header that drips": endlessAnswer("HTTP/1.1 200 OK\r\nx-a: ", "a", 20),
    "preliminary answers without end": endlessAnswer("", "HTTP/1.1 103 Early Hints\r\n\r\n", 20),
    "a status line that drips": endlessAnswer("HTTP/1.1 200 ", "a", 20),
    "a trailer that drips": endlessAnswer(`${CHUNKED}0\r\nx-a: `, "a", 20),
  };
  for (const [name, answer] of Object.entries(slow)) {
    it(`ends ${name} at its limit of time`, async () => {
      const [change, read] = await Promise.all([ask("POST", answer, 0.2), ask("GET", answer, 0.2)]);
      assert.ok(change.error instanceof AnswerLost);
      assert.match(
        change.error.text.cause,
        /^no complete answer within 0\.2 s; the outcome of the request is unknown$/,
      );
      assert.ok(change.seconds < 3, `${change.seconds} s`);
      assert.deepEqual([read.error.code, read.error.text.cause], ["SG1017", "no complete answer within 0.2 s"]);
      assert.ok(read.seconds < 5, `three attempts of 0.2 s and two pauses took ${read.seconds} s`);
    });
  }

  it("refuses JSON that is nested too deeply or has too many values, before it is parsed", async () => {
    const cases = {
      "the answer is nested deeper than 64 levels": [
        "[".repeat(65),
        '{"a":'.repeat(100_000),
        ` [{"a":${"[".repeat(63)}`,
      ],
      "the answer has more than 200,000 values": [`[${"1,".repeat(200_000)}1]`, `[${"{},".repeat(1_000_000)}{}]`],
    };
    for (const [cause, bodies] of Object.entries(cases)) {
      for (const body of bodies) {
        const { error, server } = await ask("GET", plainAnswer(200, body));
        assert.deepEqual([error.code, error.text.cause], ["SG1018", cause]);
        assert.equal(server.requests, 1);
      }
    }
  });

  it("accepts brackets and quotes inside text, 64 levels, and pages that are not JSON", async () => {
    const bodies = [
      JSON.stringify({ text: `"[${"[{,".repeat(300_000)}\\"`, other: '\\"[[[' }),
      `${"[".repeat(64)}${"]".repeat(64)}`,
      `<p>${"[".repeat(100)}</p>`,
    ];
    async function* once(body: string) {
      yield Buffer.from(body);
    }
    for (const body of bodies) assert.equal(await readBody(once(body)), body);
  });
});
