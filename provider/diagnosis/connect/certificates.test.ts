import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { causesOfCertificates } from "./certificates";
import type { CertificateProof, ConnectFacts, Destination, PathFacts, SeenCertificate, Viewpoint } from "./facts";
import { HERE } from "./facts";
import { connectReport } from "./report";
import { connectLines } from "./text";

const ROUTER: Viewpoint = { kind: "router", object: "router 10.0.9.1" };
const SPS: Destination = { kind: "sps", object: "sps 10.0.0.1", address: "10.0.0.1" };
const SPP: Destination = { kind: "spp", object: "spp 10.0.5.5", address: "10.0.5.5" };
const BY_CA: CertificateProof = { by: "ca" };
const UNTRUSTED: CertificateProof = { problem: "its certificate is self-signed", remedy: "set sps.ca to it" };

function seen(byte: string, proof?: CertificateProof, notAfter = 1): SeenCertificate {
  return {
    sha256: byte.toLowerCase().repeat(32),
    thumbprint: byte.repeat(20),
    names: ["10.0.0.1"],
    subject: "CN=appliance",
    issuer: `CN=Issuer ${byte}`,
    notAfter,
    ...(proof && { proof }),
  };
}

const path = (from: Viewpoint, to: Destination, value: SeenCertificate | string, port = 443): PathFacts => ({
  from,
  to,
  tcp: [],
  certificate: { port, seen: typeof value === "string" ? { why: value } : { value } },
});

const facts = (paths: PathFacts[], sppThumbprint?: string): ConnectFacts => ({
  gatheredAt: 1,
  paths,
  clusterNodes: { value: [SPS.address] },
  clusterInterface: { value: SPS.address },
  centralAddress: SPS.address,
  sppAddress: SPP.address,
  sppThumbprint: { value: sppThumbprint },
});

const [AA, BB] = ["aa".repeat(32), "bb".repeat(32)];
const HERE_TO_SPS = "between this machine and sps 10\\.0\\.0\\.1";
const ROUTER_TO_SPS = "between router 10\\.0\\.9\\.1 and sps 10\\.0\\.0\\.1";
const ROUTER_TO_SPP = "between router 10\\.0\\.9\\.1 and spp 10\\.0\\.5\\.5";

/** What is seen, and the code, object, cause and remedy that follow. */
const CASES: [name: string, ConnectFacts, expected: [code: string, object: string, text: string, remedy: string][]][] =
  [
    ["all see the same", facts([path(HERE, SPS, seen("AA", BY_CA)), path(ROUTER, SPS, seen("AA", BY_CA))]), []],
    ["a router sees nothing", facts([path(HERE, SPS, seen("AA", BY_CA)), path(ROUTER, SPS, "no openssl")]), []],
    [
      "another port has another certificate",
      facts([path(HERE, SPS, seen("AA", BY_CA)), path(ROUTER, SPS, seen("BB"), 8443)]),
      [],
    ],
    [
      "a router sees another one than this machine, which trusts it",
      facts([path(HERE, SPS, seen("AA", BY_CA)), path(ROUTER, SPS, seen("BB"))]),
      [
        [
          "SG2515",
          ROUTER.object,
          `^it sees ${BB}, issued by CN=Issuer BB, and this machine sees ${AA}, which ca proves \\(SHA-256\\)$`,
          `firewall ${ROUTER_TO_SPS}, and exempt`,
        ],
      ],
    ],
    [
      "this machine sees another one than a router, whose one is proved",
      facts([path(HERE, SPS, seen("BB", UNTRUSTED)), path(ROUTER, SPS, seen("AA", { by: "pin" }))]),
      [
        [
          "SG2515",
          HERE.object,
          `^it sees ${BB}, issued by CN=Issuer BB, and router 10\\.0\\.9\\.1 sees ${AA}, which is the pinned one \\(SHA-256\\)$`,
          `firewall ${HERE_TO_SPS}, and exempt`,
        ],
      ],
    ],
    [
      "nothing tells which one is right",
      facts([path(HERE, SPS, seen("BB", UNTRUSTED)), path(ROUTER, SPS, seen("AA"))]),
      [
        [
          "SG2515",
          HERE.object,
          `^it sees ${BB}, .*, and router 10\\.0\\.9\\.1 sees ${AA}, .* \\(SHA-256\\)$`,
          `^compare both with the certificate on sps 10\\.0\\.0\\.1; .* ${HERE_TO_SPS} or ${ROUTER_TO_SPS}, and exempt`,
        ],
      ],
    ],
    [
      "both are proved",
      facts([path(HERE, SPS, seen("BB", BY_CA)), path(ROUTER, SPS, seen("AA", BY_CA))]),
      [["SG2515", HERE.object, `^it sees ${BB}`, "^compare both with the certificate"]],
    ],
    [
      "SPP uses another one than a router sees",
      facts([path(HERE, SPP, seen("AA", BY_CA)), path(ROUTER, SPP, seen("BB"))], "AA".repeat(20)),
      [
        [
          "SG2515",
          ROUTER.object,
          "^it sees (BB){20}, issued by CN=Issuer BB, and SPP uses (AA){20} \\(SHA-1\\); this machine sees that one$",
          `firewall ${ROUTER_TO_SPP}, and exempt`,
        ],
      ],
    ],
    [
      "SPP uses another one than all see",
      facts([path(HERE, SPP, seen("BB", BY_CA)), path(ROUTER, SPP, seen("BB", BY_CA))], "AA".repeat(20)),
      [
        [
          "SG2515",
          HERE.object,
          "and SPP uses (AA){20} \\(SHA-1\\); router 10\\.0\\.9\\.1 sees it too$",
          `firewall between this machine and spp 10\\.0\\.5\\.5 and ${ROUTER_TO_SPP}, and exempt`,
        ],
      ],
    ],
    [
      "this machine does not trust it",
      facts([path(HERE, SPS, seen("AA", UNTRUSTED)), path(ROUTER, SPS, seen("AA"))]),
      [
        [
          "SG1011",
          SPS.object,
          "^its certificate is self-signed$",
          "^set sps.ca to it; .* exempt sps 10\\.0\\.0\\.1 from",
        ],
      ],
    ],
    [
      "the pinned one has expired",
      facts([path(HERE, SPS, seen("AA", { by: "pin" }, 0))]),
      [["SG2503", SPS.object, "^it expired on 1970-01-01$", "^assign the appliance a new certificate"]],
    ],
  ];

describe("certificates as the parts of a site see them", () => {
  for (const [name, known, expected] of CASES) {
    const codes = expected.map(([code]) => code).join(" and ") || "no cause";
    it(`name ${codes} when ${name}`, () => {
      const causes = causesOfCertificates(known);
      assert.deepEqual(
        causes.map(({ code, object }) => [code, object]),
        expected.map(([code, object]) => [code, object]),
      );
      for (const [index, [, , text, remedy]] of expected.entries()) {
        assert.match(causes[index]?.text ?? "", new RegExp(text));
        assert.match(causes[index]?.remedy ?? "", new RegExp(remedy));
      }
      const [code] = expected.map(([first]) => first);
      const status = code === undefined ? "fine" : code === "SG2503" ? "warnings" : "failed";
      assert.equal(connectReport("vienna", known, 0).status, status);
    });
  }

  const rows = (known: ConnectFacts) =>
    connectLines(connectReport("vienna", known, 0)).filter((line) => line.includes(": certificate"));

  it("are one line where all see the same, and one a viewpoint where they differ", () => {
    const shown = `SHA-256 ${AA}, subject CN=appliance, for 10.0.0.1, issued by CN=Issuer AA, valid until 1970-01-01, proved by ca`;
    assert.deepEqual(rows(facts([path(HERE, SPS, seen("AA", BY_CA)), path(ROUTER, SPS, seen("AA", BY_CA))])), [
      `    pass         sps 10.0.0.1: certificate  ${shown}; router 10.0.9.1 sees the same`,
    ]);
    assert.equal(rows(facts([path(HERE, SPS, seen("AA", BY_CA)), path(ROUTER, SPS, seen("BB"))])).length, 2);
    const [, untried] = rows(facts([path(HERE, SPS, seen("AA", BY_CA)), path(ROUTER, SPS, "no openssl")]));
    assert.equal(untried, "    not checked  sps 10.0.0.1: certificate  no openssl");
  });

  it("show names that an attacker chose without characters that a terminal obeys", () => {
    const evil = { ...seen("AA"), subject: "CN=\u001b[2J", issuer: "CN=a\nb" };
    const { tests } = connectReport("vienna", facts([path(HERE, SPS, evil)]), 0);
    assert.equal(tests[0]?.certificate?.subject, "CN=\\u001b[2J");
    assert.match(tests[0]?.text ?? "", /subject CN=\\u001b\[2J, .* issued by CN=a b,/);
  });
});
