import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { NOW } from "../../../../benchmarks/preflight/base-facts";
import { sentenceOf, UNREAD } from "../../../../benchmarks/preflight/sentence";
import { UNKNOWN_CHAIN } from "../../../https/trust-problem";
import type { Facts } from "../facts";

type Sps = Partial<Facts["sps"]>;
const { later, late, refused, forbidden, unreachable, unavailable, notSps, untrusted } = UNREAD;
const NOT_YET = "not checked: created in this update";

const greeting = (changes: object): Sps => ({
  greeting: { value: { isSps: true, setupStatus: "completed", ...changes } },
});
const certificate = (changes: object): Sps => ({
  certificate: {
    value: {
      ...{ names: ["sps1.example.com", "10.0.0.1"], commonName: "sps1.example.com", thumbprint: "B".repeat(40) },
      ...{ sha256: "b".repeat(64), notAfter: NOW + 1, chainProblem: undefined, chain: UNKNOWN_CHAIN, ...changes },
    },
  },
});
describe("check: SPS answers", () => {
  it("sps-reachable passes when SPS answers, even with a refusal", () => {
    assert.equal(sentenceOf("sps-reachable"), "pass: 10.0.0.1 answers");
    assert.equal(sentenceOf("sps-reachable", { sps: { login: refused, info: refused } }), "pass: 10.0.0.1 answers");
    assert.equal(sentenceOf("sps-reachable", { sps: { login: notSps, info: notSps } }), "pass: 10.0.0.1 answers");
  });

  it("sps-reachable fails when SPS is unreachable, and when it answers 5xx", () => {
    const lost = { login: unreachable, greeting: unreachable, info: unreachable };
    const text = "fail: sps.address: nothing listens there; correct the port [SG1010]";
    assert.equal(sentenceOf("sps-reachable", { sps: lost }), text);
    const busy = { login: unavailable, info: unavailable };
    assert.equal(
      sentenceOf("sps-reachable", { sps: busy }),
      "fail: sps.address: it answered 503; check the node [SG1015]",
    );
  });

  it("sps-reachable warns when answers time out", () => {
    const text =
      "warn: sps.address: not all answers came: time was up after 15 s; check the load of the appliance, and proxies and firewalls in between";
    assert.equal(sentenceOf("sps-reachable", { sps: { info: late } }), text);
  });

  it("sps-reachable is skipped while SPS is created in the same update", () => {
    assert.equal(sentenceOf("sps-reachable", { sps: { login: later, greeting: later, info: later } }), NOT_YET);
  });
});

describe("check: SPS proves its identity", () => {
  it("sps-certificate passes with a trusted chain that names SPS, by wildcard or common name", () => {
    const text = "pass: its certificate was issued by a trusted authority";
    assert.equal(sentenceOf("sps-certificate"), text);
    const byName = { address: "SPS9.example.com", ...certificate({ names: ["*.example.com"] }) };
    assert.equal(sentenceOf("sps-certificate", { sps: byName }), text);
    const byCommonName = { address: "sps1.example.com", ...certificate({ names: [] }) };
    assert.equal(sentenceOf("sps-certificate", { sps: byCommonName }), text);
  });

  it("sps-certificate passes with the pinned certificate, regardless of its names", () => {
    const pinned = {
      trust: "pinned" as const,
      pinned: "b".repeat(64),
      ...certificate({ names: ["x"], chainProblem: "Y" }),
    };
    assert.equal(sentenceOf("sps-certificate", { sps: pinned }), "pass: its certificate is the pinned one");
  });

  it("sps-certificate fails with a certificate other than the pinned one", () => {
    const text =
      `fail: sps.certificateSha256: its certificate is ${"b".repeat(64)}, not the pinned one; ` +
      "find out why it changed; if it was renewed, pin the new one [SG1011]";
    assert.equal(sentenceOf("sps-certificate", { sps: { trust: "pinned", pinned: "c".repeat(64) } }), text);
  });

  it("sps-certificate fails with an untrusted chain, and repeats the text of the error", () => {
    const remedy = "set sps.ca to its authority, or pin its certificate with sps.certificateSha256 [SG1011]";
    const bad = certificate({ chainProblem: "CERT_HAS_EXPIRED" });
    assert.equal(
      sentenceOf("sps-certificate", { sps: { ...bad, login: untrusted } }),
      `fail: sps.ca: it is self-signed; ${remedy}`,
    );
    assert.equal(
      sentenceOf("sps-certificate", { sps: bad }),
      `fail: sps.ca: its certificate is not accepted (CERT_HAS_EXPIRED); ${remedy}`,
    );
  });

  it("sps-certificate fails with another name, and suggests the name to use", () => {
    const other = "or assign it a certificate that names its address [SG1011]";
    const named = (names: string[], address = "10.0.0.1") =>
      sentenceOf("sps-certificate", {
        sps: { address, resolved: { value: ["10.0.0.1"] }, ...certificate({ names, commonName: "" }) },
      });
    assert.equal(
      named(["10.0.0.8", "sps1.example.com"]),
      `fail: sps.address: its certificate names 10.0.0.8, sps1.example.com, not 10.0.0.1; set sps.address to sps1.example.com if that is the same appliance, ${other}`,
    );
    assert.equal(
      named(["sps1.example.com", "10.0.0.1"], "sps"),
      "fail: sps.address: its certificate names sps1.example.com, 10.0.0.1, not sps; set sps.address to 10.0.0.1, which is the same appliance [SG1011]",
    );
    assert.equal(
      named(["*.example.com"]),
      "fail: sps.address: its certificate names *.example.com, not 10.0.0.1; set sps.address to a name that *.example.com covers [SG1011]",
    );
    assert.equal(
      named([]),
      "fail: sps.address: its certificate names nothing, not 10.0.0.1; assign it a certificate that names its address [SG1011]",
    );
  });

  it("sps-certificate warns when the identity is not verified", () => {
    const text =
      "warn: sps.insecureSkipVerify: any server is trusted (insecureSkipVerify), so the credentials can be intercepted; " +
      "set sps.ca or sps.certificateSha256";
    assert.equal(sentenceOf("sps-certificate", { sps: { trust: "skipped" } }), text);
  });

  it("sps-certificate is skipped without a certificate", () => {
    assert.equal(sentenceOf("sps-certificate", { sps: { certificate: unreachable } }), "not checked: not reached");
  });
});

describe("check: the appliance is an SPS node", () => {
  it("sps-is-sps passes after a login, and by the data available without one", () => {
    assert.equal(sentenceOf("sps-is-sps"), "pass: it answers as an SPS node does");
    assert.equal(sentenceOf("sps-is-sps", { sps: { login: refused } }), "pass: it answers as an SPS node does");
  });

  it("sps-is-sps fails for a web site, even one that asks for a password", () => {
    const text = "fail: sps.address: the server there is no SPS; correct the address [SG1012]";
    assert.equal(sentenceOf("sps-is-sps", { sps: { login: notSps } }), text);
    assert.equal(sentenceOf("sps-is-sps", { sps: { login: later, greeting: notSps } }), text);
    const site = { login: refused, ...greeting({ isSps: false }) };
    const asking =
      "fail: sps.address: the server there asks for a password but is not an SPS node; correct address and port of the connection [SG1012]";
    assert.equal(sentenceOf("sps-is-sps", { sps: site }), asking);
  });

  it("sps-is-sps is skipped without an answer", () => {
    assert.equal(
      sentenceOf("sps-is-sps", { sps: { login: late, greeting: late } }),
      "not checked: time was up after 15 s",
    );
    const odd = { login: unavailable, ...greeting({ isSps: false }) };
    assert.equal(sentenceOf("sps-is-sps", { sps: odd }), "not checked: it answered 503");
  });
});

describe("check: SPS is set up", () => {
  it("sps-set-up passes when the welcome wizard is complete", () => {
    for (const setupStatus of ["completed", "booting"]) {
      assert.equal(
        sentenceOf("sps-set-up", { sps: greeting({ setupStatus }) }),
        "pass: its welcome wizard is completed",
      );
    }
  });

  it("sps-set-up fails before the welcome wizard is complete", () => {
    const text =
      "fail: sps.address: its welcome wizard is uninitialized; complete the welcome wizard of the node first [SG2201]";
    assert.equal(sentenceOf("sps-set-up", { sps: greeting({ setupStatus: "uninitialized" }) }), text);
  });

  it("sps-set-up is skipped when the node does not report its wizard", () => {
    assert.equal(
      sentenceOf("sps-set-up", { sps: greeting({ setupStatus: undefined }) }),
      "not checked: the node does not report it",
    );
    assert.equal(sentenceOf("sps-set-up", { sps: { greeting: later } }), NOT_YET);
  });
});

describe("check: the SPS account can log in", () => {
  it("sps-login passes after a login", () => assert.equal(sentenceOf("sps-login"), "pass: user admin can log in"));

  it("sps-login fails when the login is refused or the password is not found", () => {
    const text = "fail: sps.password: user admin was refused; correct username or password [SG1013]";
    assert.equal(sentenceOf("sps-login", { sps: { login: refused } }), text);
    const login = { why: "x", code: "SG1001" as const, cause: "environment variable X is not set", remedy: "set it" };
    const missing = "fail: sps.password: environment variable X is not set; set it [SG1001]";
    assert.equal(sentenceOf("sps-login", { sps: { login } }), missing);
  });

  it("sps-login is skipped when no login was tried, or another server refused it", () => {
    assert.equal(sentenceOf("sps-login", { sps: { login: unreachable } }), "not checked: not reached");
    const site = { login: refused, ...greeting({ isSps: false }) };
    assert.equal(sentenceOf("sps-login", { sps: site }), "not checked: the server is not an SPS node");
  });
});

describe("check: the SPS account may join", () => {
  const may = (...endpoints: [path: string, ...methods: string[]][]) =>
    sentenceOf("sps-account", {
      sps: { endpoints: { value: endpoints.map(([path, ...methods]) => ({ path, methods })) } },
    });
  const refusal =
    "fail: sps.username: user admin may not change the cluster; give the user read and write/perform on Basic Settings > Cluster management [SG1014]";

  it("sps-account passes with a write method on the cluster or below", () => {
    const text = "pass: user admin may change the cluster";
    assert.equal(may(["/api/cluster", "GET", "POST"]), text);
    assert.equal(may(["/api/cluster", "GET"], ["/api/cluster/spp", "POST"]), text);
    assert.equal(may(["/api/cluster/nodes", "PUT"]), text);
  });

  it("sps-account fails when the account can only read, or cannot even read the cluster", () => {
    assert.equal(may(["/api/cluster", "GET"], ["/api/clusters", "POST"], ["/api/transaction", "POST"]), refusal);
    assert.equal(sentenceOf("sps-account", { sps: { cluster: forbidden } }), refusal);
  });

  it("sps-account is skipped when the node does not report the rights", () => {
    const untold = "not checked: the node does not report what an account may do";
    assert.equal(sentenceOf("sps-account", { sps: { endpoints: { value: undefined } } }), untold);
    assert.equal(may(["/api/transaction", "POST"]), "not checked: the node lists no endpoint of the cluster");
    assert.equal(sentenceOf("sps-account", { sps: { endpoints: later } }), NOT_YET);
  });
});
