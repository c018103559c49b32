import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { FAULTS_OF_JOIN_FAILURES } from "../../lab/common/faults";
import { CATALOGUE, type ErrorCode, type ErrorEntry } from "../core/errors";
import { JOIN_REQUEST_ERRORS } from "../core/errors/join";
import { SpsRefusal } from "../sps/client";
import { joinError, recogniseJoinFailure } from "./join-failures";

const MODULES = "https://spp.lab.example/service/core/v3/Cluster/SessionModules";
const VALIDATION = "https://spp.lab.example/service/a2a/v2/PsmValidation";

function refusal(details: unknown, type = "JoinFailed", status = 400): SpsRefusal {
  return new SpsRefusal("sps 10.0.0.1", "POST /api/cluster/spp", status, type, details, "it answered 400: failed");
}

/** SPP's refusals that SPS hands on, with the code they get. */
const ANSWERS: [expected: ErrorCode, url: string, status: number, code: number][] = [
  ["SG2103", MODULES, 400, 60657],
  ["SG2105", MODULES, 403, 60108],
  ["SG2104", VALIDATION, 403, 60108],
  ["SG2104", VALIDATION.toLowerCase(), 403, 60108],
  ["SG2106", MODULES, 403, 60418],
  ["SG2199", MODULES, 400, 60910],
  ["SG2199", MODULES, 401, 60094],
];

/** Texts that SPS gives where it got no answer of SPP, with the code they get. */
const TEXTS: [expected: ErrorCode, text: string][] = [
  ["SG2101", "Error sending request: SSLError: hostname 'spp.lab.example' doesn't match '10.20.30.5'"],
  ["SG2101", "SSLError(CertificateError(\"hostname '10.0.0.5' doesn't match either of 'a', 'b'\"))"],
  ["SG2101", "SSLError: certificate verify failed: Hostname mismatch, certificate is not valid for 'a'"],
  ["SG2101", "certificate verify failed: IP address mismatch, certificate is not valid for '10.0.0.5'"],
  ["SG2102", "Error sending request: SSLError: certificate verify failed: unable to get local issuer"],
  ["SG2102", "SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol'))"],
  ["SG2107", "Error sending request: ConnectionError: no route to host"],
  ["SG2107", "ConnectTimeout: connection to 10.0.0.5 timed out"],
  ["SG2107", "NewConnectionError: [Errno 111] Connection refused"],
  ["SG2107", "<html><body>It works!</body></html>"],
];

describe("the catalogue of join failures", () => {
  it("gives every failure of the join request its own title, cause, remedy and symptom", () => {
    const entries = Object.entries(CATALOGUE).filter(([code]) => Object.hasOwn(JOIN_REQUEST_ERRORS, code));
    assert.equal(entries.length, 8);
    for (const key of ["title", "cause", "remedy", "symptom"] as const) {
      const texts = entries.map(([, entry]: [string, ErrorEntry]) => entry[key]);
      assert.equal(new Set(texts.filter((text) => text !== undefined)).size, entries.length, key);
    }
  });

  it("finds a lab fault for each documented failure of a join", () => {
    const documented = Object.keys(JOIN_REQUEST_ERRORS).filter((code) => code !== "SG2199");
    assert.deepEqual(Object.keys(FAULTS_OF_JOIN_FAILURES).sort(), documented.sort());
  });

  for (const [expected, url, status, code] of ANSWERS) {
    const response = { Code: code, Message: "told", InnerError: null };

    it(`recognizes ${expected} by code ${code} of ${new URL(url).pathname}, as object and text`, () => {
      assert.equal(recogniseJoinFailure(refusal({ url, status, response })), expected);
      assert.equal(recogniseJoinFailure(refusal({ url, status, response: JSON.stringify(response) })), expected);
      assert.equal(
        recogniseJoinFailure(refusal({ url, status, response: JSON.stringify(response, undefined, 2) })),
        expected,
      );
    });

    it(`recognizes ${expected} by code ${code} of ${new URL(url).pathname} despite other details`, () => {
      fc.assert(
        fc.property(fc.string(), fc.jsonValue(), (message, extra) => {
          const told = { Code: code, Message: message, InnerError: extra };
          assert.equal(recogniseJoinFailure(refusal({ url, status, response: told, extra })), expected);
        }),
      );
    });
  }

  for (const [expected, response] of TEXTS) {
    it(`recognizes ${expected} by the text ${response.slice(0, 70)}`, () => {
      assert.equal(recogniseJoinFailure(refusal({ url: MODULES, status: null, response })), expected);
      assert.equal(recogniseJoinFailure(refusal({ url: MODULES, response: `first line\n${response}` })), expected);
      assert.equal(recogniseJoinFailure(refusal({ response })), expected);
    });
  }

  it("reports an unrecognized failure as a generic failed join", () => {
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
    for (const details of others)
      assert.equal(recogniseJoinFailure(refusal(details)), "SG2199", JSON.stringify(details));
  });

  it("gives every failed join a code, regardless of details and status", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 400, max: 599 }), (details, status) => {
        assert.ok(recogniseJoinFailure(refusal(details, "JoinFailed", status)));
      }),
    );
  });

  it("gives no join code to errors other than a failed join", () => {
    const response = { Code: 60657 };
    assert.equal(recogniseJoinFailure(refusal({ response }, "SemanticError")), undefined);
    assert.equal(recogniseJoinFailure(new Error("JoinFailed")), undefined);
    assert.equal(recogniseJoinFailure(undefined), undefined);
  });

  it("shows the remedy, the waiting time and the source of a failed join", () => {
    const original = refusal({ response: "ConnectionError" });
    const entry = recogniseJoinFailure(original);
    assert.ok(entry);
    const error = joinError(entry, "sps 10.0.0.1", original);
    assert.equal(
      error.message,
      "sps 10.0.0.1: join spp: SPS cannot reach SPP; check spp.address as seen from SPS, and that tcp 443 from SPS to SPP is open, then run pulumi up again (not before 5 minutes have passed) [SG2107]",
    );
    assert.equal(error.cause, original);
    const permissions = recogniseJoinFailure(refusal({ url: MODULES, response: { Code: 60108 } }));
    assert.ok(permissions);
    assert.equal(
      joinError(permissions, "sps 10.0.0.1").message,
      "sps 10.0.0.1: join spp: the SPP account lacks the Appliance or Operations permission; give the account of spp.username both permissions [SG2105]",
    );
  });

  it("repeats no answer of an appliance, which may hold a token", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ANSWERS), fc.stringMatching(/^[\w-]{12,30}$/), ([, url, status, Code], secret) => {
        const original = refusal({ url, status, response: { Code, Message: secret }, token: secret });
        const entry = recogniseJoinFailure(original);
        assert.ok(entry && !joinError(entry, "sps 10.0.0.1", original).message.includes(secret));
      }),
    );
  });
});
