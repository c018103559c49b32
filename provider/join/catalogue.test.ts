import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { SpsRefusal } from "../sps/client";
import { JOIN_FAILURES, joinError, overFiveMinutes, recogniseJoinFailure } from "./catalogue";

const MODULES = "https://spp.lab.example/service/core/v3/Cluster/SessionModules";
const VALIDATION = "https://spp.lab.example/service/a2a/v2/PsmValidation";

function refusal(details: unknown, type = "JoinFailed", status = 400): SpsRefusal {
  return new SpsRefusal("sps 10.0.0.1", "POST /api/cluster/spp", status, type, details, "it answered 400: failed");
}

const nameOf = (error: unknown) => recogniseJoinFailure(error)?.name;

/** SPP's refusals that SPS hands on, with the name of their entry. */
const ANSWERS: [name: string, url: string, status: number, code: number][] = [
  ["already-linked", MODULES, 400, 60657],
  ["permissions", MODULES, 403, 60108],
  ["over-five-minutes", VALIDATION, 403, 60108],
  ["over-five-minutes", VALIDATION.toLowerCase(), 403, 60108],
  ["replica", MODULES, 403, 60418],
  ["other", MODULES, 400, 60910],
  ["other", MODULES, 401, 60094],
];

/** Texts that SPS gives where it got no answer of SPP, with the name of their entry. */
const TEXTS: [name: string, text: string][] = [
  ["certificate-mismatch", "Error sending request: SSLError: hostname 'spp.lab.example' doesn't match '10.20.30.5'"],
  ["certificate-mismatch", "SSLError(CertificateError(\"hostname '10.0.0.5' doesn't match either of 'a', 'b'\"))"],
  ["certificate-mismatch", "SSLError: certificate verify failed: Hostname mismatch, certificate is not valid for 'a'"],
  ["certificate-mismatch", "certificate verify failed: IP address mismatch, certificate is not valid for '10.0.0.5'"],
  ["certificate-untrusted", "Error sending request: SSLError: certificate verify failed: unable to get local issuer"],
  ["certificate-untrusted", "SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol'))"],
  ["unreachable", "Error sending request: ConnectionError: no route to host"],
  ["unreachable", "ConnectTimeout: connection to 10.0.0.5 timed out"],
  ["unreachable", "NewConnectionError: [Errno 111] Connection refused"],
  ["unreachable", "<html><body>It works!</body></html>"],
];

describe("the catalogue of join failures", () => {
  it("gives every failure a code, a name, a cause and a remedy of its own", () => {
    for (const key of ["code", "name", "cause", "remedy", "symptom"] as const) {
      assert.equal(new Set(JOIN_FAILURES.map((failure) => failure[key])).size, JOIN_FAILURES.length, key);
    }
    for (const { code } of JOIN_FAILURES) assert.match(code, /^SG21\d\d$/);
  });

  for (const [name, url, status, code] of ANSWERS) {
    const response = { Code: code, Message: "told", InnerError: null };

    it(`knows ${name} by code ${code} of ${new URL(url).pathname}, as object and as text`, () => {
      assert.equal(nameOf(refusal({ url, status, response })), name);
      assert.equal(nameOf(refusal({ url, status, response: JSON.stringify(response) })), name);
      assert.equal(nameOf(refusal({ url, status, response: JSON.stringify(response, undefined, 2) })), name);
    });

    it(`knows ${name} by code ${code} of ${new URL(url).pathname}, whatever stands beside it`, () => {
      fc.assert(
        fc.property(fc.string(), fc.jsonValue(), (message, extra) => {
          const told = { Code: code, Message: message, InnerError: extra };
          assert.equal(nameOf(refusal({ url, status, response: told, extra })), name);
        }),
      );
    });
  }

  for (const [name, response] of TEXTS) {
    it(`knows ${name} by the text ${response.slice(0, 70)}`, () => {
      assert.equal(nameOf(refusal({ url: MODULES, status: null, response })), name);
      assert.equal(nameOf(refusal({ url: MODULES, response: `first line\n${response}` })), name);
      assert.equal(nameOf(refusal({ response })), name);
    });
  }

  it("calls whatever else a failed join by no more than that", () => {
    const others = [
      undefined,
      null,
      "text",
      7,
      {},
      { response: null },
      { response: "" },
      { response: {} },
      { response: { error: "invalid_request", error_description: "Access denied." } },
      { response: '{"error":"invalid_request","success":false}' },
      { response: { Code: "60657" } },
      { url: 7, response: { Code: 60657 } },
    ];
    for (const details of others) assert.equal(nameOf(refusal(details)), "other", JSON.stringify(details));
  });

  it("has an entry for every failed join, whatever its details and status", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 400, max: 599 }), (details, status) => {
        assert.ok(recogniseJoinFailure(refusal(details, "JoinFailed", status)));
      }),
    );
  });

  it("has no entry for what is no failed join", () => {
    const response = { Code: 60657 };
    assert.equal(recogniseJoinFailure(refusal({ response }, "SemanticError")), undefined);
    assert.equal(recogniseJoinFailure(new Error("JoinFailed")), undefined);
    assert.equal(recogniseJoinFailure(undefined), undefined);
  });

  it("says what to do, how long to wait, and where it came from", () => {
    const original = refusal({ response: "ConnectionError" });
    const entry = recogniseJoinFailure(original);
    assert.ok(entry);
    const error = joinError(entry, "sps 10.0.0.1", original);
    assert.equal(
      error.message,
      "sps 10.0.0.1: join spp: SPS cannot reach SPP; check spp.address as seen from SPS, and that tcp 443 from SPS to SPP is open (not before 5 minutes have passed) [SG2107]",
    );
    assert.equal(error.cause, original);
    const permissions = recogniseJoinFailure(refusal({ url: MODULES, response: { Code: 60108 } }));
    assert.ok(permissions);
    assert.equal(
      joinError(permissions, "sps 10.0.0.1").message,
      "sps 10.0.0.1: join spp: the SPP account lacks the Appliance or Operations permission; give the account of spp.username both permissions [SG2105]",
    );
  });

  it("never repeats what an appliance told, which may hold a token", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ANSWERS), fc.stringMatching(/^[\w-]{12,30}$/), ([, url, status, Code], secret) => {
        const original = refusal({ url, status, response: { Code, Message: secret }, token: secret });
        const entry = recogniseJoinFailure(original);
        assert.ok(entry && !joinError(entry, "sps 10.0.0.1", original).message.includes(secret));
      }),
    );
  });

  it("has the entry for a handshake that SPP gave up", () => {
    assert.equal(overFiveMinutes().code, "SG2104");
  });
});
