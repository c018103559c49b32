import type { Random } from "./random";
import { endlessAnswer, type HostileAnswer, plainAnswer } from "./server";

/** What a terminal obeys: colours, the title of the window, a cleared screen, text in the other direction. */
export const TERMINAL_ATTACK = "\u001b[31m\u001b]0;owned\u0007\u009b2J\u202enimda\u2069\r";

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\n";

type Make = (random: Random) => HostileAnswer;

const json = (value: unknown) => JSON.stringify(value);

/** An error of SPS and of SPP at once. */
const refusal = (text: string) =>
  json({ error: { type: text, message: text, details: text }, Code: 70000, Message: text });

/** Answers that end by themselves, or at a limit of size. */
export const QUICK_ANSWERS: Record<string, Make> = {
  "endless chunks": () => endlessAnswer(CHUNKED, `40000\r\n${"x".repeat(0x40000)}\r\n`),
  "endless JSON": () => endlessAnswer(`${CHUNKED}1\r\n[\r\n`, `3fffc\r\n${'"xxxxxx",'.repeat(29127)}x\r\n`),
  "an endless body of a promised length": () =>
    endlessAnswer(`${OK}content-length: 99999999999\r\n\r\n`, "x".repeat(0x40000)),
  "endless headers": () => endlessAnswer(OK, `x-a: ${"a".repeat(1000)}\r\n`),
  "endless cookies": () => endlessAnswer(OK, `set-cookie: session_id=${"a".repeat(1000)}\r\n`),
  "a size of a chunk that is too large": () => plainRaw(`${CHUNKED}fffffffffffffffff\r\n`),
  "deep JSON": (random) => plainAnswer(200, random.pick(["[", '{"a":', '[{"error":']).repeat(200_000)),
  "wide JSON": (random) => plainAnswer(200, `[${random.pick(["1,", "{},", '"",']).repeat(1_000_000)}1]`),
  "random bytes": (random) => plainRaw(random.bytes(1 + random.below(2000))),
  "a body that is cut off": (random) => plainRaw(`${OK}content-length: 100\r\n\r\n${"{".repeat(random.below(50))}`),
  "two lengths": () => plainRaw(`${OK}content-length: 1\r\ncontent-length: 5\r\n\r\n{}{}{`),
  "an answer and another one": () => plainRaw(`${OK}content-length: 2\r\n\r\n{}${OK}content-length: 2\r\n\r\n[]`),
  "no answer": () => () => false,
  "JSON of another type": (random) =>
    plainAnswer(
      random.pick([200, 201, 400, 401, 403, 500]),
      random.pick(["null", "7", '"x"', "[]", "{}", "true", "1e999", '{"__proto__":{"a":1}}']),
    ),
  "members of another type": (random) => {
    const value = random.pick([null, 7, [], {}, true, "", [[["x"]]], TERMINAL_ATTACK]);
    const names = [
      "access_token",
      "Status",
      "UserToken",
      "RelyingPartyUrl",
      "SecondaryProviderID",
      "error",
      "Code",
      "body",
      "key",
    ];
    return plainAnswer(random.pick([200, 400]), json(Object.fromEntries(names.map((name) => [name, value]))));
  },
  "an error for the terminal": (random) => plainAnswer(random.pick([400, 403, 404, 500]), refusal(TERMINAL_ATTACK)),
  "an error of a megabyte": (random) =>
    plainAnswer(random.pick([400, 409, 500]), refusal(`${TERMINAL_ATTACK}${" \n".repeat(500_000)}`)),
  "a redirect": () => plainAnswer(302, "", ["location: https://127.0.0.1:1/"]),
  "a change of protocol": () =>
    plainRaw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  "100 without a request for it": () => plainRaw("HTTP/1.1 100 Continue\r\n\r\n"),
  "no content": () => plainRaw("HTTP/1.1 204 No Content\r\n\r\n"),
  "a cookie that is none": () =>
    plainAnswer(200, "{}", ["set-cookie: session_id=\u00ff\u009b2J", "set-cookie: =", "date: never"]),
  "a token that is no header": () =>
    plainAnswer(200, json({ access_token: "a\r\nb", Status: "Success", UserToken: "a\r\nx: y" })),
  "an address that is none": () => plainAnswer(200, json({ RelyingPartyUrl: "http://[", SecondaryProviderID: "" })),
};

/** Answers that only a limit of time ends. */
export const SLOW_ANSWERS: Record<string, Make> = {
  "a body that drips": () => endlessAnswer(CHUNKED, "1\r\nx\r\n", 100),
  "headers that drip": () => endlessAnswer(`${OK}x-a: `, "a", 100),
  "preliminary answers without end": () => endlessAnswer("", "HTTP/1.1 103 Early Hints\r\n\r\n", 100),
  "an endless status line": () => endlessAnswer("HTTP/1.1 200 ", "x".repeat(0x10000)),
  silence: () => () => true,
};

function plainRaw(bytes: string | Buffer): HostileAnswer {
  return (socket) => {
    socket.end(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    return true;
  };
}
