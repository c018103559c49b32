import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "mocha";
import { alarmsOf, healthyReports } from "../../../benchmarks/doctor/healthy";
import {
  APPLIANCE_ID,
  assignedOf,
  baseFacts,
  CENTRAL_ID,
  certificateOf,
  NOW,
  rowOf,
} from "../../../benchmarks/preflight/base-facts";
import { SafeguardError } from "../../core/errors";
import type { Note } from "../../core/note";
import type { Facts } from "../../join/preflight/facts";
import type { RouterReading } from "../../router/platform";
import { causesAmong, explain, type Finding } from "../graph/finding";
import { diagnosisOf, siteReport } from "../report";
import type { RouterFacts } from "../site/facts";
import { diagnosisLines } from "../text";
import { findingsOf } from ".";
import { commandFor } from "./command";

const DAY = 86_400_000;
const OBJECTS = [
  { list: "/api/configuration/plugins/aa", name: "safeguard_default_aa_plugin" },
  { list: "/api/configuration/ssh/connections", name: "safeguard_default_ssh" },
];

/** Facts of a pair that is joined; parts can be replaced. */
function joined({ sps, spp }: { sps?: Partial<Facts["sps"]>; spp?: Partial<Facts["spp"]> } = {}): Facts {
  return baseFacts({
    sps: { defaults: { value: { objects: OBJECTS, forbidden: [] } }, addresses: { value: ["10.0.0.1"] }, ...sps },
    spp: { modules: { value: [rowOf()] }, ...spp },
  });
}

function reading(parts: Partial<RouterReading> = {}): RouterReading {
  const counters = [{ redirection: "rdp", selectedPackets: 4, divertedPackets: 40 }];
  return { rules: ["a", "b"], interfaces: [], counters, status: {}, ...parts };
}

function routerOf(parts: Partial<RouterFacts> = {}): RouterFacts {
  return {
    name: "edge",
    object: "router 10.0.0.9",
    redirections: ["rdp"],
    wantedRules: ["a", "b"],
    reading: { value: reading() },
    warnings: [],
    preview: {
      value: { refusals: [], notes: [], connections: [{ redirection: "rdp", sent: 1, direct: 0, unknown: 0 }] },
    },
    trafficSeconds: 5,
    pathProof: true,
    ...parts,
  };
}

function find(id: string, pair: Facts, ...routers: RouterFacts[]): Finding["outcome"] {
  const found = findingsOf({ pair, routers }).find((one) => one.id === id);
  assert.ok(found, id);
  return found.outcome;
}

const brief = ({ status, code, text }: Finding["outcome"]) => `${status} ${code ?? "-"}: ${text}`;

describe("checks of a site", () => {
  it("finds nothing wrong with a joined pair and a router in sync", () => {
    const findings = findingsOf({ pair: joined(), routers: [routerOf()] });
    assert.equal(findings.length, 36);
    const others = findings.filter(({ outcome }) => outcome.status !== "pass").map(({ id }) => id);
    assert.deepEqual(others, ["traffic:edge/rdp"]);
  });

  it("lists every check before those that need it", () => {
    const findings = findingsOf({ pair: joined(), routers: [routerOf(), routerOf({ name: "core" })] });
    const ids = findings.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [index, { id, after }] of findings.entries()) {
      for (const needed of after) assert.ok(ids.slice(0, index).includes(needed), `${id} needs ${needed}`);
    }
  });

  it("explains a join that is missing by the attempt before, and says how long to wait", () => {
    const attempts = [{ nodeId: CENTRAL_ID, applianceId: APPLIANCE_ID, sentAt: new Date(NOW - 60_000).toISOString() }];
    const defaults = { value: { objects: [], forbidden: [] } };
    const pair = { ...joined({ spp: { modules: { value: [] } }, sps: { defaults } }), attempts };
    const explained = explain(findingsOf({ pair, routers: [] }));
    const listed = explained.find((one) => one.id === "join-listed");
    assert.deepEqual([listed?.outcome.code, listed?.because], ["SG2501", "join-recent"]);
    const [cause] = causesAmong(explained);
    assert.equal(
      cause && brief(cause.outcome),
      "fail SG2215: a request was sent 60 s ago from this machine, and SPP lists no join of it",
    );
    assert.equal(cause?.outcome.remedy, "wait 4 min, then run pulumi up again");
    const earlier = {
      ...pair,
      attempts: attempts.map((one) => ({ ...one, sentAt: new Date(NOW - 400_000).toISOString() })),
    };
    assert.equal(find("join-recent", earlier).status, "pass");
  });

  it("reports each state of the join", () => {
    const states: [spp: Partial<Facts["spp"]>, sps: Partial<Facts["sps"]>, id: string, expected: RegExp][] = [
      [
        { modules: { value: [] } },
        { defaults: { value: { objects: [], forbidden: [] } } },
        "join-listed",
        /^fail SG2501: neither/,
      ],
      [
        { modules: { value: [] } },
        {},
        "join-listed",
        /^fail SG2214: this SPP has no entry, and SPS is joined to another SPP/,
      ],
      [
        { modules: { value: [] } },
        { joinedSpp: { value: "10.7.7.7" } },
        "join-listed",
        /^fail SG2214: .* SPS is joined to 10\.7\.7\.7/,
      ],
      [
        { modules: { value: [rowOf({ isConnected: false, isTrusted: false })] } },
        {},
        "join-listed",
        /^fail SG2501: its entry \(3\) was disconnected on SPP/,
      ],
      [
        { modules: { value: [rowOf({ isTrusted: false })] } },
        {},
        "join-trusted",
        /^fail SG2103: the handshake of entry 3 never/,
      ],
      [
        { modules: { value: [rowOf({ isTrusted: false, createdAt: NOW - 60_000 })] } },
        {},
        "join-trusted",
        /^warn -: a join has been running for 60 s/,
      ],
      [
        {},
        { defaults: { value: { objects: [], forbidden: [] } } },
        "join-objects",
        /^fail SG2212: SPP trusts the cluster/,
      ],
      [
        { modules: { value: [rowOf({ createdAt: NOW - 30_000 })] } },
        { defaults: { value: { objects: [], forbidden: [] } } },
        "join-objects",
        /^warn -: SPP has trusted the cluster for 30 s/,
      ],
      [
        {},
        { defaults: { value: { objects: [], forbidden: ["/api/configuration/plugins"] } } },
        "join-objects",
        /^not checked -: the account may not read/,
      ],
      [
        { modules: { value: [rowOf({ addresses: ["10.9.9.9"] })] } },
        {},
        "join-address",
        /^warn SG2502: SPP knows the node as 10\.9\.9\.9, and the node calls itself 10\.0\.0\.1/,
      ],
    ];
    for (const [spp, sps, id, expected] of states) assert.match(brief(find(id, joined({ spp, sps }))), expected);
  });

  it("warns about a certificate 30 days before its end", () => {
    const served = (days: number) => ({ value: { ...certificateOf(["10.0.0.1"], "B"), notAfter: NOW + days * DAY } });
    const outcome = (days: number) =>
      brief(find("sps-certificate-expiry", joined({ sps: { certificate: served(days) } })));
    assert.match(outcome(31), /^pass -: it expires on 2026-06-20/);
    assert.match(outcome(29), /^warn SG2503: it expires on 2026-06-18/);
    assert.match(outcome(-1), /^warn SG2503: it expired on 2026-05-19/);
  });

  it("fails before the join and warns afterwards for what only a join request needs", () => {
    const roles = { value: ["Auditor"] };
    assert.equal(find("spp-permissions", joined({ spp: { roles } })).status, "warn");
    assert.equal(find("spp-permissions", joined({ spp: { roles, modules: { value: [] } } })).status, "fail");
    const assigned = { value: (id: string) => (id === APPLIANCE_ID ? assignedOf({ notAfter: NOW - DAY }) : undefined) };
    assert.equal(find("spp-certificate-chain", joined({ spp: { assigned } })).status, "warn");
  });
});

describe("healthy sites", () => {
  it("raises no alarm about 100 variants of a joined pair", () => {
    const reports = healthyReports(100, 7);
    assert.equal(reports.length, 100);
    assert.deepEqual(alarmsOf(reports), []);
  });
});

describe("lines of a report", () => {
  /** The first cause in the text of a report. */
  function firstCause(pair: Facts, ...routers: RouterFacts[]): string {
    const report = siteReport("vienna", { pair, routers }, 1000);
    return diagnosisLines({ sites: [report], shared: [] })[1] ?? "";
  }

  it("shows each cause as an error message with its code", () => {
    const none = { defaults: { value: { objects: [], forbidden: [] } } };
    const soon = { value: { ...certificateOf(["10.0.0.1"], "B"), notAfter: NOW + DAY } };
    const later = { value: reading({ counters: [{ redirection: "rdp", selectedPackets: 6, divertedPackets: 40 }] }) };
    const silent: Note = { severity: "warning", text: "not proved: SPS 10.0.0.1 answers ARP", topic: "path" };
    const causes: [string, string][] = [
      ["SG2501", firstCause(joined({ sps: none, spp: { modules: { value: [] } } }))],
      ["SG2502", firstCause(joined({ spp: { modules: { value: [rowOf({ addresses: ["10.9.9.9"] })] } } }))],
      ["SG2503", firstCause(joined({ sps: { certificate: soon } }))],
      ["SG2504", firstCause(joined(), routerOf({ reading: { value: reading({ rules: ["a"] }) } }))],
      ["SG2505", firstCause(joined(), routerOf({ preview: { value: { refusals: [], notes: [silent] } } }))],
      ["SG2506", firstCause(joined(), routerOf({ later }))],
    ];
    for (const [code, line] of causes) {
      assert.match(line, new RegExp(`^  1\\. (sps|spp|router) 10\\S+: check ".*": .*; .* \\[${code}\\]$`));
    }
  });

  it("names a page for every check, and a command for every one to act on", () => {
    const pair = joined({
      spp: { status: { why: "not reached", code: "SG1010", cause: "no answer" } },
    });
    const { checks } = siteReport("an old site", { pair, routers: [routerOf()] }, 1000);
    const pages = readFileSync(resolve(__dirname, "../../../docs/checks/README.md"), "utf8").match(/(?<=^## ).*/gm);
    for (const { id, code, page, command, status, because } of checks) {
      assert.equal(page, code ? `docs/errors/${code}.md` : `docs/checks/README.md#${id.replace(/:.*/, "")}`);
      assert.ok(pages?.includes(id.replace(/:.*/, "")), id);
      assert.equal(command !== undefined, ["fail", "warn"].includes(status) && because === undefined, id);
    }
    const reachable = checks.find(({ id }) => id === "spp-reachable");
    assert.equal(reachable?.command, "npx pulumi-safeguard connect --site 'an old site'");
    assert.equal(commandFor("router-rules:edge", "--site vienna"), "pulumi up --refresh");
    assert.equal(
      commandFor("router-rules:edge", "--site vienna", "acme/prod"),
      "pulumi up --refresh --stack acme/prod",
    );
  });

  it("shows what passes as a count, unless all is wanted", () => {
    const report = siteReport("vienna", { pair: joined(), routers: [routerOf()] }, 1000);
    const of = (detail: "attention" | "all") => diagnosisLines({ sites: [report], shared: [] }, detail);
    assert.deepEqual(of("attention"), [
      "site vienna: works",
      "  appliances: 20 of 20 pass",
      "  cluster: 4 of 4 pass",
      "  join: 4 of 4 pass",
      "  router: 5 of 5 pass",
      "  traffic: 2 of 3 pass",
      `    not checked  ${"clients of rdp on router edge pass SPS".padEnd(47)}  it was not wanted`,
      "  35 pass, 0 warn, 0 fail, 1 not checked (1.0 s)",
    ]);
    assert.equal(of("all").filter((line) => line.startsWith("    pass ")).length, 35);
  });

  it("takes a line for each of fifty sites that one dead SPP explains, and names it once", () => {
    const status = { why: "not reached", code: "SG1010", cause: "nothing listens there", remedy: "start it" } as const;
    const dead = joined({ spp: { status, login: status, modules: status, address: "10.0.0.5" } });
    const names = Array.from({ length: 50 }, (_, index) => `site-${index + 1}`);
    const sites = names.map((name) => siteReport(name, { pair: dead, routers: [] }, 1000));
    const fine = siteReport("vienna", { pair: joined(), routers: [] }, 1000);
    const odd = siteReport("graz", { pair: dead, routers: [routerOf({ reading: { value: undefined } })] }, 1000);
    const lines = diagnosisLines(diagnosisOf([...sites, fine, odd]));
    assert.deepEqual(lines.slice(0, 5), [
      `the same in 51 sites (${names.slice(0, 10).join(", ")} and 41 more):`,
      '  spp 10.0.0.5: check "SPP answers": nothing listens there; start it [SG1010]',
      "site site-1: does not work",
      "  1. SPP answers: see above",
      `  ${lines[4]?.trim()}`,
    ]);
    assert.equal(lines.filter((line) => line.includes("nothing listens there")).length, 3, lines.join("\n"));
    assert.match(lines[152] ?? "", /^site vienna: works: \d+ pass, 0 warn, 0 fail, 0 not checked \(1\.0 s\)$/);
    // A site with a cause of its own is shown whole.
    assert.ok(lines.slice(153).some((line) => /FAIL +router edge has the redirections/.test(line)));
  });
});

describe("checks of a router", () => {
  const outcome = (check: string, parts: Partial<RouterFacts>) => brief(find(check, joined(), routerOf(parts)));

  it("names the rules that the router lacks and those it has instead", () => {
    assert.equal(
      outcome("router-rules:edge", { reading: { value: reading({ rules: ["a", "c"] }) } }),
      "fail SG2504: it lacks 1 rule: b; it has 1 other rule: c",
    );
    assert.equal(outcome("router-rules:edge", { reading: { value: undefined } }), "fail SG2504: it has none of rdp");
  });

  it("tells a refused login from a router that lacks something", () => {
    const refused = { why: "refused", code: "SG3004", cause: "user root was refused" } as const;
    assert.equal(outcome("router-login:edge", { reading: refused }), "fail SG3004: user root was refused");
    assert.equal(outcome("router-rules:edge", { reading: refused }), "not checked -: refused");
    const lacking = { why: "ip is missing", code: "SG3101", cause: "ip is missing" } as const;
    assert.equal(outcome("router-login:edge", { reading: lacking }), "pass -: it does");
    assert.equal(outcome("router-rules:edge", { reading: lacking }), "fail SG3101: ip is missing");
  });

  it("reports failed probes of the path apart from other warnings", () => {
    const notes: Note[] = [
      { severity: "warning", text: "not proved: SPS 10.0.0.1 answers ARP", topic: "path" },
      { severity: "warning", text: 'rule "drop" may drop packets' },
      { severity: "info", text: "in sync" },
    ];
    const preview = { value: { refusals: [], notes } };
    assert.equal(outcome("router-path:edge", { preview }), "fail SG2505: not proved: SPS 10.0.0.1 answers ARP");
    assert.equal(outcome("router-obstacles:edge", { preview }), 'warn -: rule "drop" may drop packets');
    const down = new SafeguardError({ code: "SG3104", object: "router 10.0.0.9", step: "look", cause: "eth1 is down" });
    const blocked = { value: { refusals: [down], notes: [] } };
    assert.equal(outcome("router-obstacles:edge", { preview: blocked }), "fail SG3104: eth1 is down");
    assert.match(outcome("router-path:edge", { preview: blocked }), /^not checked -: /);
  });

  it("proves traffic by counters that grow, also after the rules were written anew", () => {
    const later = (selectedPackets: number, divertedPackets: number) => ({
      later: { value: reading({ counters: [{ redirection: "rdp", selectedPackets, divertedPackets }] }) },
    });
    const id = "traffic:edge/rdp";
    assert.equal(outcome(id, later(5, 52)), "pass -: 12 packets went to SPS within 5 s");
    assert.equal(outcome(id, later(1, 3)), "pass -: 3 packets went to SPS within 5 s");
    assert.equal(outcome(id, later(6, 40)), "fail SG2506: 2 packets matched within 5 s, and none went to SPS");
    assert.equal(
      outcome(id, later(4, 40)),
      "not checked -: no packet of a client was counted within 5 s; 40 packets so far",
    );
    assert.equal(outcome(id, { trafficSeconds: 0 }), "not checked -: it was not wanted");
  });

  it("warns of open connections that go past SPS, and proves no traffic by those that do not", () => {
    const open = (sent: number, direct: number, example?: string, unknown = 0) => {
      const connections = [{ redirection: "rdp", sent, direct, unknown, ...(example && { example }) }];
      return { preview: { value: { refusals: [], notes: [], connections } } };
    };
    const id = "open:edge/rdp";
    assert.equal(outcome(id, open(0, 0)), "pass -: none is open");
    assert.equal(outcome(id, open(2, 0)), "pass -: 2 open connections are marked for SPS");
    assert.equal(
      outcome(id, open(1, 1, "10.1.1.1 to 10.2.2.2:3389")),
      "warn -: 1 open connection goes past SPS, such as 10.1.1.1 to 10.2.2.2:3389; 1 open connection is marked for SPS",
    );
    const untold = "not checked -: the router does not tell whether 3 open connections go to SPS";
    assert.equal(outcome(id, open(1, 0, undefined, 3)), untold);
    const bypassing = open(1, 1, "10.1.1.1 to 10.2.2.2:3389").preview.value;
    const note: Note = { severity: "warning", text: "SPS is bypassed; check it", topic: "bypass" };
    const bypassed = routerOf({ preview: { value: { ...bypassing, notes: [note] } } });
    const missing = routerOf({ ...open(1, 1, "10.1.1.1 to 10.2.2.2:3389"), reading: { value: undefined } });
    for (const [router, because] of [
      [bypassed, "router-bypass:edge"],
      [missing, "router-rules:edge"],
    ] as const) {
      const explained = explain(findingsOf({ pair: joined(), routers: [router] }));
      const found = explained.find((one) => one.id === id);
      assert.deepEqual([found?.outcome.status, found?.because], ["not checked", because]);
      assert.deepEqual(
        causesAmong(explained).map((cause) => cause.id),
        [because],
      );
    }
    const silent = { later: { value: reading() }, ...open(2, 0) };
    assert.match(outcome("traffic:edge/rdp", silent), /^not checked -: no packet of a client was counted/);
  });

  it("tells the sessions of all nodes, and nothing of sessions that it cannot see", () => {
    const sessionsWith = (own: Partial<Facts["sps"]>) => brief(find("sps-sessions", joined({ sps: own })));
    const report = { nodeId: "2", hostName: "", status: "up-to-date", lastSeen: "", silentSeconds: 1, isDown: false };
    const reports = { value: [{ ...report, errors: 0, sessions: { ssh: 1, rdp: 1 } }] };
    assert.equal(
      sessionsWith({ sessions: { value: { ssh: 2, rdp: 0 } }, reports }),
      "pass -: 4 sessions (rdp 1, ssh 3) at this moment",
    );
    assert.equal(
      sessionsWith({ sessions: { value: { ssh: 0 } } }),
      "not checked -: no session at this moment; SPS shows earlier ones at Search",
    );
    assert.equal(
      sessionsWith({ sessions: { why: "the account may not read it" } }),
      "not checked -: the account may not read it",
    );
  });

  it("draws the join that only SPS reports", () => {
    const pair = joined({ sps: { joinedSpp: { value: "10.0.0.7" } }, spp: { modules: { value: [] } } });
    assert.deepEqual(siteReport("vienna", { pair, routers: [] }, 1000).topology.join, {
      state: "one-sided",
      reason: "SPS is joined to 10.0.0.7, and SPP does not list the cluster",
      connectionId: undefined,
    });
  });

  it("tells a bypass of SPS apart from rules of others, and once", () => {
    const text = "SPS 10.0.0.1 does not answer: traffic of redirection rdp passes directly and is not recorded";
    const notes = [{ severity: "warning", text, topic: "bypass" }] as const;
    const router = routerOf({ warnings: [text], preview: { value: { refusals: [], notes: [...notes] } } });
    const found = (id: string) => find(id, joined(), router);
    assert.equal(brief(found("router-bypass:edge")), `warn -: ${text}`);
    assert.equal(found("router-bypass:edge").remedy, "check whether SPS answers, and the network to it");
    assert.equal(found("router-obstacles:edge").status, "pass");
    const stopped = [{ ...notes[0], text: `${text}: its watchdog does not run; run \`pulumi up\`` }];
    const left = routerOf({ preview: { value: { refusals: [], notes: stopped } } });
    assert.equal(find("router-bypass:edge", joined(), left).remedy, "run `pulumi up`");
  });

  it("claims nothing that the platform gives no way to examine", () => {
    const unsupported = (parts: Partial<RouterFacts>) =>
      findingsOf({ pair: joined(), routers: [routerOf(parts)] }).flatMap((finding) =>
        finding.isUnsupported ? [`${finding.id}: ${finding.outcome.status}: ${finding.outcome.text}`] : [],
      );
    assert.deepEqual(unsupported({ trafficSeconds: 0 }), []);
    const pathProof = { reason: "the API has no probes" };
    const counting = { value: reading({ counters: [] }) };
    const preview = { value: { refusals: [], notes: [] } };
    assert.deepEqual(unsupported({ pathProof, reading: counting, preview }), [
      "router-path:edge: not checked: the API has no probes",
      "traffic:edge/rdp: not checked: the router counts no packets",
      "open:edge/rdp: not checked: the router does not list its connections",
    ]);
  });
});
