import assert from "node:assert/strict";
import { inspect } from "node:util";
import { describe, it } from "mocha";
import { z } from "zod";
import { operationContext, silentLog } from "../../provider/core/context";
import { CATALOGUE, type ErrorCode, PartialFailure, SafeguardError } from "../../provider/core/errors";
import { JOIN_REQUEST_ERRORS } from "../../provider/core/errors/join";
import { bindToEngine } from "../../provider/dynamic/bind";
import { EngineProcess } from "../../provider/dynamic/engine-process";
import { joinError, recogniseJoinFailure } from "../../provider/join/join-failures";
import type { Operations } from "../../provider/resources/operations";
import { SppClient } from "../../provider/spp/client";
import { SpsClient } from "../../provider/sps/client";
import { RecordingLog } from "../support/recording-log";
import { ScriptedAppliance, SECRET } from "../support/scripted-appliance";
import { PlantedSecrets } from "./planted-secrets";

const MODULES = "https://spp.lab.example/service/core/v3/Cluster/SessionModules";
const VALIDATION = "https://spp.lab.example/service/a2a/v2/PsmValidation";

const secrets = new PlantedSecrets();
const PASSWORD = secrets.add("password", SECRET);
const COOKIE = secrets.add("session cookie", "planted-cookie-of-sps-0123456789");
const PSK = secrets.add("pre-shared key", "planted-psk-0123456789abcdef");
const TOKEN = secrets.add("SPP token", "eyJplanted.token-of-spp.0123456789");
const CODE = secrets.add("authorization code", "planted-code-of-spp-0123456789");
const KEY = secrets.add("private key", "MIGHAgEAplantedKeyMaterial0123456789");
const ALL = [PASSWORD, COOKIE, PSK, TOKEN, CODE, KEY].join(" ");

/** The error details of SPS for each failed join of the catalogue, filled with secrets. */
const DETAILS: Record<string, Record<string, unknown>> = {
  SG2101: { url: MODULES, response: `CertificateError: hostname '${ALL}' doesn't match '${ALL}'` },
  SG2102: { url: MODULES, response: `SSLError: certificate verify failed ${ALL}` },
  SG2103: { url: MODULES, response: { Code: 60657, Message: ALL } },
  SG2104: { url: `${VALIDATION}?token=${TOKEN}`, response: { Code: 60108, Message: ALL, InnerError: ALL } },
  SG2105: { url: `${MODULES}?token=${TOKEN}`, response: JSON.stringify({ Code: 60108, Message: ALL }) },
  SG2106: { url: MODULES, response: { Code: 60418, Message: ALL } },
  SG2107: { url: MODULES, response: `ConnectionError: ${ALL}` },
  SG2199: { url: MODULES, response: { Code: 1, Message: ALL } },
};

const engine = new EngineProcess({ ...silentLog, settled: async () => undefined });

/** Every printable form of an error after it has passed the front. */
async function textsOf(error: unknown): Promise<string> {
  const fail = () => Promise.reject(error);
  const throwIt = () => {
    throw error;
  };
  const operations: Operations<object, object> = {
    check: throwIt,
    diff: throwIt,
    preview: fail,
    create: fail,
    read: fail,
    update: fail,
    delete: fail,
  };
  const thrown: unknown = await bindToEngine(
    { operations, inputs: z.object({}), outputs: z.object({}), previewedOutputs: [] },
    engine,
  )
    .create({})
    .then(
      () => assert.fail("the create succeeded"),
      (reason: unknown) => reason,
    );
  assert.ok(thrown instanceof Error);
  return [thrown.message, String(thrown), thrown.stack, JSON.stringify(thrown), inspect(thrown, { depth: 9 })].join(
    "\n",
  );
}

/** An appliance whose answers repeat all requests so far. */
function echoing(status: number, isLoginAccepted: boolean): Promise<ScriptedAppliance> {
  let received = ALL;
  return ScriptedAppliance.start(({ path, headers, body }) => {
    received += ` ${JSON.stringify(headers)} ${decodeURIComponent(body.replaceAll("+", " "))}`;
    if (isLoginAccepted && path === "/api/authentication") {
      return { status: 200, headers: { "set-cookie": `session_id=${COOKIE}; Secure` }, body: "{}" };
    }
    const error = { type: "Echo", message: received, details: { received } };
    return { status, body: JSON.stringify({ error, Code: 70000, Message: received, error_description: received }) };
  });
}

describe("secrets in errors", function () {
  this.timeout(120_000);

  it("shows no secret in any join error, whatever SPS repeats in its answer", async () => {
    assert.deepEqual(Object.keys(DETAILS), Object.keys(JOIN_REQUEST_ERRORS).sort());
    for (const [code, details] of Object.entries(DETAILS)) {
      const error = { type: "JoinFailed", message: ALL, details };
      const appliance = await ScriptedAppliance.start(({ path }) =>
        path === "/api/authentication"
          ? { status: 200, headers: { "set-cookie": `session_id=${COOKIE}; Secure` } }
          : { status: 400, body: JSON.stringify({ error }) },
      );
      const log = new RecordingLog();
      try {
        const client = await SpsClient.open(appliance.connection, operationContext({ log }));
        const request = { spp: "10.0.0.5", spp_api_token: TOKEN, spp_cert_chain: KEY };
        const refusal = await failureOf(client.send("POST", "/api/cluster/spp", request));
        await client.close();
        const recognised = recogniseJoinFailure(refusal);
        assert.equal(recognised, code);
        const texts = await textsOf(joinError(recognised ?? "SG2199", client.object, refusal));
        assert.match(texts, new RegExp(`\\[${code}\\]`));
        assert.deepEqual(secrets.find(texts), [], code);
        assert.deepEqual(secrets.find(log.all.join("\n")), [], `the log of ${code}`);
      } finally {
        await appliance.stop();
      }
    }
  });

  it("shows no secret of an error's cause under any code, nor in a partial state", async () => {
    const codes = Object.keys(CATALOGUE) as ErrorCode[];
    assert.ok(codes.length > 100, `${codes.length} codes`);
    for (const code of codes) {
      const text = { code, object: "sps 10.0.0.1", step: "step", cause: "cause", remedy: "remedy" };
      const error = new SafeguardError(text, { cause: new Error(ALL, { cause: { received: ALL } }) });
      assert.deepEqual(secrets.find(await textsOf(error)), [], code);
      const partial = new PartialFailure("10.0.0.1", { phase: code }, [error.message], { cause: error });
      assert.deepEqual(secrets.find(await textsOf(partial)), [], `${code}, partial failure`);
    }
  });

  for (const status of [200, 400, 401, 403, 404, 409, 500, 503]) {
    it(`shows no secret when SPS or SPP repeats every secret with status ${status}`, async () => {
      const log = new RecordingLog();
      const context = operationContext({ log });
      const errors: unknown[] = [];
      const login = await echoing(status, false);
      const sps = await echoing(status, true);
      try {
        errors.push(await failureOf(SpsClient.open(login.connection, context)));
        errors.push(await failureOf(SppClient.open(login.connection, context)));
        const client = await SpsClient.open(sps.connection, context);
        errors.push(await failureOf(client.get("/api/info", z.object({ body: z.object({ psk: z.string() }) }))));
        const body = { psk: PSK, spp_api_token: TOKEN };
        if (status !== 200) errors.push(await failureOf(client.send("POST", "/api/cluster/nodes", body)));
        await client.close();
      } finally {
        await Promise.all([login.stop(), sps.stop()]);
      }
      assert.ok(sps.asked.length >= 2 && login.asked.length >= 2);
      for (const error of errors) {
        assert.ok(error instanceof SafeguardError, String(error));
        assert.deepEqual(secrets.find(await textsOf(error)), [], error.code);
      }
      assert.deepEqual(secrets.find(log.all.join("\n")), []);
    });
  }

  for (const [name, received] of Object.entries({
    "the password": PASSWORD,
    "the Basic header": Buffer.from(`admin:${PASSWORD}`).toString("base64"),
    "the cookie": `session_id=${COOKIE}`,
    "the pre-shared key": `key ${PSK} is wrong`,
    "the token": `Bearer ${TOKEN}`,
  })) {
    it(`shows no secret when SPS repeats only ${name}`, async () => {
      const appliance = await ScriptedAppliance.start(({ path }) =>
        path === "/api/authentication"
          ? { status: 200, headers: { "set-cookie": `session_id=${COOKIE}; Secure` } }
          : { status: 400, body: JSON.stringify({ error: { type: "Echo", message: received } }) },
      );
      try {
        const client = await SpsClient.open(appliance.connection, operationContext());
        const sent = client.send("POST", "/api/cluster/nodes", { psk: PSK, spp_api_token: TOKEN });
        const error = await failureOf(sent);
        await client.close();
        assert.match(String(error), /it answered 400: Echo;/);
        assert.deepEqual(secrets.find(await textsOf(error)), []);
      } finally {
        await appliance.stop();
      }
    });
  }

  it("finds a secret in a message that contains one", async () => {
    const text = {
      code: "SG1015" as const,
      object: "sps 10.0.0.1",
      step: "step",
      cause: `psk is ${PSK}`,
      remedy: "remedy",
    };
    assert.deepEqual(secrets.find(await textsOf(new SafeguardError(text))), [
      { kind: "pre-shared key", form: "plain" },
    ]);
  });
});

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.fail("the call succeeded"),
    (reason: unknown) => reason,
  );
}
