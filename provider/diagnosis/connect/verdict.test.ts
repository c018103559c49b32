import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { ConnectFacts, Destination, PathFacts, SeenCertificate, TcpResult, TcpTest, Viewpoint } from "./facts";
import { listenAddress } from "./gather";
import { connectReport } from "./report";
import { connectLines } from "./text";
import { causesOf } from "./verdict";

const HERE: Viewpoint = { kind: "here", object: "this machine" };
const BY_SPP: Viewpoint = { kind: "spp", object: "spp 10.0.5.5" };
const BY_ROUTER: Viewpoint = { kind: "router", object: "router 10.0.9.1" };
const SPS: Destination = { kind: "sps", object: "sps 10.0.0.1", address: "10.0.0.1" };
const MEMBER: Destination = { kind: "sps", object: "sps 10.0.0.2", address: "10.0.0.2" };
const SPP: Destination = { kind: "spp", object: "spp 10.0.5.5", address: "10.0.5.5" };
const NAMED: Destination = { kind: "sps", object: "sps sps.example.com", address: "sps.example.com" };

const UNREAD = { why: "not reached" };
const CERTIFICATE = seen("AB");

function seen(byte: string, more: Partial<SeenCertificate> = {}): SeenCertificate {
  const numbers = { sha256: byte.toLowerCase().repeat(32), thumbprint: byte.repeat(20) };
  return {
    ...numbers,
    names: ["10.0.5.5"],
    subject: "CN=appliance",
    issuer: `CN=Issuer ${byte}`,
    notAfter: 0,
    ...more,
  };
}

const test = (port: number, result: TcpResult | typeof UNREAD, need?: TcpTest["need"]): TcpTest => ({
  port,
  result: typeof result === "string" ? { value: result } : result,
  need,
});

/** The path on which everything depends: from SPP to the cluster interface of SPS. */
function bySpp(result: TcpResult, more: Partial<PathFacts> = {}): PathFacts {
  return { from: BY_SPP, to: SPS, tcp: [test(8649, result, "all")], ...more };
}

const here = (result: TcpResult, to = SPS): PathFacts => ({ from: HERE, to, tcp: [test(8649, result)] });

function facts(paths: PathFacts[], more: Partial<ConnectFacts> = {}): ConnectFacts {
  return {
    gatheredAt: 0,
    paths,
    clusterNodes: { value: [SPS.address] },
    clusterInterface: { value: SPS.address },
    centralAddress: SPS.address,
    sppAddress: SPP.address,
    sppThumbprint: { value: undefined },
    ...more,
  };
}

const hops = (...found: (string | undefined)[]) => ({ hops: { value: found } });

/** What is known, and the code, cause and remedy that follow from it. */
const CASES: [name: string, known: ConnectFacts, expected: [code: string, text: RegExp, remedy: RegExp][]][] = [
  ["everything is open", facts([bySpp("open"), here("open")]), []],
  ["a port that nobody needs is closed", facts([bySpp("open"), here("silent")]), []],
  [
    "the cluster interface is disabled",
    facts([bySpp("not open"), here("silent")], { clusterInterface: { value: undefined } }),
    [["SG2511", /^the cluster interface of SPS is disabled$/, /^enable Basic Settings > Local Services/]],
  ],
  [
    "the cluster interface listens elsewhere",
    facts([bySpp("not open")], { clusterInterface: { value: "10.0.7.1" } }),
    [["SG2511", /listens on 10\.0\.7\.1, not on 10\.0\.0\.1$/, /on the address that SPP knows it by$/]],
  ],
  [
    "the word of the Central Management node says nothing of another node",
    facts([{ ...bySpp("silent"), to: MEMBER }, here("open", MEMBER)], { clusterInterface: { value: undefined } }),
    [["SG2512", /open from this machine$/, /^allow tcp 8649 from spp 10\.0\.5\.5 to 10\.0\.0\.2 /]],
  ],
  [
    "the port is open from elsewhere",
    facts([bySpp("silent"), here("open")]),
    [["SG2512", /^it gets no answer, and .* open from this machine$/, /between spp 10\.0\.5\.5 and sps 10\.0\.0\.1$/]],
  ],
  [
    "the port is open from elsewhere, and the route is known",
    facts([bySpp("not open", hops("10.0.5.1", "10.0.6.1", undefined)), here("open")]),
    [["SG2512", /; the last hop that answers is 10\.0\.6\.1$/, /on the firewall behind 10\.0\.6\.1$/]],
  ],
  [
    "nothing of one viewpoint arrives, and the port is open from another",
    facts([
      bySpp("not open", { tcp: [test(8649, "silent", "all"), test(443, "silent")], ...hops("10.0.5.1", undefined) }),
      here("open"),
    ]),
    [
      [
        "SG2513",
        /^no port and no ping gets an answer, the route ends after 10\.0\.5\.1, and .* from this machine$/,
        /^check/,
      ],
    ],
  ],
  [
    "nothing listens, as another viewpoint sees",
    facts([bySpp("not open"), here("refused")], { clusterInterface: UNREAD }),
    [["SG2511", /^the connection from this machine is refused, so nothing listens there$/, /^enable Basic Settings/]],
  ],
  [
    "a firewall refuses what SPS would accept",
    facts([bySpp("not open"), here("refused")], { clusterInterface: { value: "10.0.0.1" } }),
    [["SG2512", /although the cluster interface of SPS listens there$/, /^allow tcp 8649 /]],
  ],
  [
    "nothing of one viewpoint arrives, and SPS says that it listens",
    facts(
      [
        bySpp("not open", {
          tcp: [test(8649, "not open", "all"), test(443, "not open")],
          ...hops("10.0.5.1", undefined),
        }),
        here("refused"),
      ],
      { clusterInterface: { value: "10.0.0.1" } },
    ),
    [["SG2513", /^no port .* ends after 10\.0\.5\.1, and the cluster interface of SPS listens there$/, /^check/]],
  ],
  [
    "another port of the same appliance is open",
    facts([bySpp("silent", { tcp: [test(8649, "silent", "all"), test(443, "open")] }), here("silent")]),
    [["SG2512", /^it gets no answer, although sps 10\.0\.0\.1 accepts connections to port 443$/, /^allow tcp 8649 /]],
  ],
  [
    "the appliance answers ping only",
    facts([bySpp("not open", { packets: { value: { bytes: 1500 } } })]),
    [["SG2512", /although sps 10\.0\.0\.1 answers ping$/, /^allow tcp 8649 /]],
  ],
  [
    "the route goes all the way",
    facts([bySpp("not open", hops("10.0.5.1", "10.0.0.1"))]),
    [["SG2512", /although sps 10\.0\.0\.1 is reached by a traceroute$/, /on the firewall behind 10\.0\.5\.1$/]],
  ],
  [
    "the route ends on the way",
    facts([bySpp("silent", hops("10.0.5.1", undefined, undefined)), here("silent")]),
    [["SG2513", /and the route ends after 10\.0\.5\.1$/, /^check the routes and filters of 10\.0\.5\.1 /]],
  ],
  [
    "nothing is known but silence",
    facts([bySpp("silent", hops(undefined)), here("silent")]),
    [
      [
        "SG1010",
        /^it gets no answer, and no other part of the site reaches it$/,
        /^check that 10\.0\.0\.1 is the address of a running appliance/,
      ],
    ],
  ],
  [
    "the web interface is refused from here",
    facts([{ from: HERE, to: SPS, tcp: [test(443, "refused", "all")] }]),
    [["SG2511", /^the connection is refused/, /enable the login of administrators on that address$/]],
  ],
  [
    "one of the redirected ports is open",
    facts([{ from: BY_ROUTER, to: SPS, tcp: [test(22, "refused", "one-of"), test(3389, "open", "one-of")] }]),
    [],
  ],
  [
    "none of the redirected ports is open",
    facts([{ from: BY_ROUTER, to: SPS, tcp: [test(22, "refused", "one-of"), test(3389, "refused", "one-of")] }]),
    [["SG2511", /^the connection is refused/, /^add a connection policy for port 22 to SPS/]],
  ],
  [
    "one of the redirected ports could not be tried",
    facts([{ from: BY_ROUTER, to: SPS, tcp: [test(22, "refused", "one-of"), test(3389, UNREAD, "one-of")] }]),
    [],
  ],
  [
    "large packets get lost",
    facts([bySpp("open", { packets: { value: { bytes: 1400, larger: "lost" } } })]),
    [["SG2514", /^packets of 1400 bytes arrive, and larger ones get lost/, /^allow ICMP type 3 code 4/]],
  ],
  [
    "large packets are refused with a message",
    facts([bySpp("open", { packets: { value: { bytes: 1400, larger: "refused" } } })]),
    [],
  ],
  [
    "another certificate is served here",
    facts([{ from: HERE, to: SPP, tcp: [], certificate: { port: 443, seen: { value: CERTIFICATE } } }], {
      sppThumbprint: { value: "CD".repeat(20) },
    }),
    [
      [
        "SG2515",
        /^it sees (AB){20}, issued by CN=Issuer AB, and SPP uses (CD){20} /,
        /^check for a proxy or an inspecting firewall/,
      ],
    ],
  ],
  [
    "the certificate is that of SPP",
    facts([{ from: HERE, to: SPP, tcp: [], certificate: { port: 443, seen: { value: CERTIFICATE } } }], {
      sppThumbprint: { value: CERTIFICATE.thumbprint },
    }),
    [],
  ],
  [
    "a name leads elsewhere",
    facts([
      { from: HERE, to: NAMED, tcp: [], name: { value: ["10.0.0.1"] } },
      { from: BY_SPP, to: NAMED, tcp: [], name: { value: ["10.0.0.9"] } },
    ]),
    [["SG2516", /^it leads to 10\.0\.0\.9, and to 10\.0\.0\.1 from this machine$/, /^correct the DNS records/]],
  ],
  [
    "a name has one address in common",
    facts([
      { from: HERE, to: NAMED, tcp: [], name: { value: ["10.0.0.1", "fd00::1"] } },
      { from: BY_SPP, to: NAMED, tcp: [], name: { value: ["10.0.0.1"] } },
    ]),
    [],
  ],
  [
    "two faults at once",
    facts([bySpp("silent", { packets: { value: { bytes: 1280, larger: "lost" } } }), here("open")]),
    [
      ["SG2512", /open from this machine/, /^allow tcp 8649/],
      ["SG2514", /^packets of 1280 bytes arrive/, /^allow ICMP/],
    ],
  ],
];

describe("verdict on the network of a site", () => {
  for (const [name, known, expected] of CASES) {
    const codes = expected.map(([code]) => code).join(" and ") || "no cause";
    it(`names ${codes} when ${name}`, () => {
      const { causes, status } = connectReport("vienna", known, 0);
      assert.deepEqual(
        causes.map(({ code }) => code),
        expected.map(([code]) => code),
      );
      for (const [index, [, text, remedy]] of expected.entries()) {
        assert.match(causes[index]?.text ?? "", text);
        assert.match(causes[index]?.remedy ?? "", remedy);
      }
      assert.equal(status === "failed", expected.length > 0);
    });
  }

  it("prints each cause as an error message with its code", () => {
    const printed = CASES.flatMap(([, known, expected]) => {
      const lines = connectLines(connectReport("vienna", known, 0));
      return expected.map(([code], index) => {
        assert.match(lines[index + 1] ?? "", new RegExp(`^ {2}${index + 1}\\. .+: .+: .+; .+ \\[${code}\\]$`));
        return code;
      });
    });
    assert.deepEqual([...new Set(printed)].sort(), [
      "SG1010",
      "SG2511",
      "SG2512",
      "SG2513",
      "SG2514",
      "SG2515",
      "SG2516",
    ]);
  });

  it("names the same cause once", () => {
    const path = bySpp("silent", { packets: { value: { bytes: 1400, larger: "lost" } } });
    assert.equal(causesOf(facts([path, path, here("open")])).length, 2);
  });

  it("is not sure of a network in which a needed port was not tried", () => {
    const untried: PathFacts = { from: BY_SPP, to: SPS, tcp: [test(8649, UNREAD, "all")] };
    assert.equal(connectReport("vienna", facts([untried]), 0).status, "not known");
    const bySps: PathFacts = { ...untried, from: { kind: "sps", object: SPS.object } };
    assert.equal(connectReport("vienna", facts([bySps, bySpp("open")]), 0).status, "fine");
  });

  it("takes a cluster interface whose address is not found for unknown, not for disabled", () => {
    const paths = [bySpp("not open"), here("open")];
    const causesWith = (isEnabled: boolean) => {
      const clusterInterface = listenAddress({ value: { isEnabled, address: undefined } });
      const { causes, tests } = connectReport("vienna", facts(paths, { clusterInterface }), 0);
      return [...causes.map(({ code }) => code), ...tests.map(({ what, status }) => `${what}: ${status}`)];
    };
    const tried = ["tcp 8649: fail", "tcp 8649: pass"];
    assert.deepEqual(causesWith(true), ["SG2512", ...tried, "cluster interface: not checked"]);
    assert.deepEqual(causesWith(false), ["SG2511", ...tried]);
    assert.deepEqual(listenAddress({ value: { isEnabled: true, address: "10.0.0.1" } }), { value: "10.0.0.1" });
  });

  for (const [unread, to, what] of [
    ["clusterNodes", "sps 10.0.0.1", "list of cluster nodes"],
    ["clusterInterface", "sps 10.0.0.1", "cluster interface"],
    ["sppThumbprint", "spp 10.0.5.5", "certificate in use"],
  ] as const) {
    it(`is not sure of a network without the ${what}, and gives cause and remedy`, () => {
      const refused = { why: "login refused", cause: "user admin was refused", remedy: "correct the password" };
      const known = facts([bySpp("open"), here("open")], { [unread]: refused });
      const { status, causes, tests } = connectReport("vienna", known, 0);
      assert.deepEqual([status, causes], ["not known", []]);
      assert.deepEqual(tests.at(-1), {
        ...{ from: "this machine", to, what },
        ...{ status: "not checked", text: "user admin was refused", remedy: "correct the password" },
      });
    });
  }
});
