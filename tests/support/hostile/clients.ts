import assert from "node:assert/strict";
import { z } from "zod";
import { operationContext } from "../../../provider/core/context";
import { SafeguardError } from "../../../provider/core/errors";
import { SppClient } from "../../../provider/spp/client";
import { SpsClient } from "../../../provider/sps/client";
import { RecordingLog } from "../recording-log";
import { QUICK_ANSWERS, SLOW_ANSWERS } from "./answers";
import { Random } from "./random";
import { type HostileAnswer, HostileServer, plainAnswer } from "./server";

/** What came of one case. */
export interface HostileCase {
  seed: number;
  kind: string;
  seconds: number;
  /** Requests that the server received. */
  requests: number;
  /** Codes of the failures, in order. */
  codes: string[];
}

/** The most that a message may have, in characters. */
const MAX_MESSAGE = 10_000;

/** A correct answer to a request of a login or to another one. */
function correctAnswer(request: string): HostileAnswer {
  const path = request.split(" ")[1] ?? "";
  const body = path.includes("loginRequestStep=6")
    ? { RelyingPartyUrl: "urn:InstalledApplication?code=x" }
    : path.includes("oauth2/token")
      ? { access_token: "token" }
      : path.includes("LoginResponse")
        ? { Status: "Success", UserToken: "token" }
        : {};
  return plainAnswer(200, JSON.stringify(body), ["set-cookie: session_id=abc; Secure"]);
}

/**
 * Logs a client in at a server that turns hostile after some requests, reads, changes and logs out.
 * @throws AssertionError when a failure is no SafeguardError, or a message is too long or holds what a terminal obeys
 */
export async function runHostileCase(client: "sps" | "spp", seed: number, isSlow: boolean): Promise<HostileCase> {
  const random = new Random(seed);
  const answers = isSlow ? SLOW_ANSWERS : QUICK_ANSWERS;
  const kind = random.pick(Object.keys(answers));
  const from = random.below(client === "sps" ? 4 : 8);
  const server = await HostileServer.start((number) => {
    const hostile = answers[kind]?.(random);
    return (socket, request) =>
      number > from && hostile ? hostile(socket, request) : correctAnswer(request)(socket, request);
  });
  const log = new RecordingLog();
  const context = operationContext({ log });
  const codes: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> =>
    work().catch((error: unknown) => {
      assert.ok(error instanceof SafeguardError, `${client} ${seed} ${kind}: ${String(error)}`);
      checkText(error.message, `${client} ${seed} ${kind}`);
      codes.push(error.code);
      return undefined;
    });
  const started = performance.now();
  try {
    const shape = z.looseObject({ body: z.unknown() });
    if (client === "sps") {
      const opened = await attempt(() => SpsClient.open(server.connection, context));
      await attempt(async () => opened?.get("/api/info", shape));
      await attempt(async () => opened?.send("PUT", "/api/transaction", { a: 1 }));
      await opened?.close();
    } else {
      const opened = await attempt(() => SppClient.open(server.connection, context));
      await attempt(async () => opened?.get("core", "Me", shape));
      await attempt(async () => opened?.change("POST", "appliance", "Backups", shape));
      await opened?.close();
    }
  } finally {
    await server.stop();
  }
  return { seed, kind, seconds: (performance.now() - started) / 1000, requests: server.requests, codes };
}

function checkText(text: string, name: string): void {
  assert.ok(text.length <= MAX_MESSAGE, `${name}: a message of ${text.length} characters`);
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u, name);
  assert.ok(!text.includes("hunter2"), `${name}: the password is shown`);
}
