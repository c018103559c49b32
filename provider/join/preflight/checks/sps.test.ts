import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { baseFacts, CENTRAL_ID, MEMBER_ID, NOW, reportOf, rowOf } from "../../../../benchmarks/preflight/base-facts";
import { sentenceOf, UNREAD } from "../../../../benchmarks/preflight/sentence";
import type { MemberReport } from "../../../sps/member-reports";
import type { Facts } from "../facts";
import { spsAccount, spsLogin } from "./access";
import { spsCertificate, spsIsSps, spsReachable } from "./identity";
import { notesOf } from "./notes";
import {
  spsCentralManagement,
  spsClusterId,
  spsMembers,
  spsRecording,
  spsSetUp,
  spsSynchronization,
} from "./sps-cluster";
import { spsBackup, spsDefaultNames } from "./sps-configuration";

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
      ...{ sha256: "b".repeat(64), notAfter: NOW + 1, chainProblem: undefined, ...changes },
    },
  },
});
const cluster = (...nodes: [nodeId: string, address: string, ...roles: string[]][]): Sps => ({
  cluster: {
    value: {
      nodes: nodes.map(([nodeId, address, ...roles]) => ({ nodeId, address, roles })),
      selfId: nodes.length > 0 ? CENTRAL_ID : undefined,
    },
  },
});
const reportedBy = (changes: Partial<MemberReport>): Sps => ({ reports: { value: [reportOf(MEMBER_ID, changes)] } });

describe("check: SPS answers", () => {
  it("passes when SPS answers, even with a refusal", () => {
    assert.equal(sentenceOf(spsReachable), "pass: 10.0.0.1 answers");
    assert.equal(sentenceOf(spsReachable, { sps: { login: refused, info: refused } }), "pass: 10.0.0.1 answers");
    assert.equal(sentenceOf(spsReachable, { sps: { login: notSps, info: notSps } }), "pass: 10.0.0.1 answers");
  });

  it("fails when SPS is unreachable, and when it answers 5xx", () => {
    const lost = { login: unreachable, greeting: unreachable, info: unreachable };
    const text = "fail: sps.address: nothing listens there; correct the port [SG1010]";
    assert.equal(sentenceOf(spsReachable, { sps: lost }), text);
    const busy = { login: unavailable, info: unavailable };
    assert.equal(sentenceOf(spsReachable, { sps: busy }), "fail: sps.address: it answered 503; look at it [SG1015]");
  });

  it("warns when answers time out", () => {
    const text =
      "warn: sps.address: not all answers came: time was up after 15 s; check the load of the appliance, and proxies and firewalls in between";
    assert.equal(sentenceOf(spsReachable, { sps: { info: late } }), text);
  });

  it("is skipped while SPS is created in the same update", () => {
    assert.equal(sentenceOf(spsReachable, { sps: { login: later, greeting: later, info: later } }), NOT_YET);
  });
});

describe("check: SPS proves its identity", () => {
  it("passes with a trusted chain that names SPS exactly, by wildcard or by common name", () => {
    const text = "pass: its certificate was issued by a trusted authority";
    assert.equal(sentenceOf(spsCertificate), text);
    const byName = { address: "SPS9.example.com", ...certificate({ names: ["*.example.com"] }) };
    assert.equal(sentenceOf(spsCertificate, { sps: byName }), text);
    const byCommonName = { address: "sps1.example.com", ...certificate({ names: [] }) };
    assert.equal(sentenceOf(spsCertificate, { sps: byCommonName }), text);
  });

  it("passes with the pinned certificate, regardless of its names", () => {
    const pinned = {
      trust: "pinned" as const,
      pinned: "b".repeat(64),
      ...certificate({ names: ["x"], chainProblem: "Y" }),
    };
    assert.equal(sentenceOf(spsCertificate, { sps: pinned }), "pass: its certificate is the pinned one");
  });

  it("fails with a certificate other than the pinned one", () => {
    const text =
      `fail: sps.certificateSha256: its certificate is ${"b".repeat(64)}, not the pinned one; ` +
      "find out why it changed; if it was renewed, pin the new one [SG1011]";
    assert.equal(sentenceOf(spsCertificate, { sps: { trust: "pinned", pinned: "c".repeat(64) } }), text);
  });

  it("fails with an untrusted chain, and repeats the text of the error", () => {
    const remedy = "set sps.ca to its authority, or pin its certificate with sps.certificateSha256 [SG1011]";
    const bad = certificate({ chainProblem: "CERT_HAS_EXPIRED" });
    assert.equal(
      sentenceOf(spsCertificate, { sps: { ...bad, login: untrusted } }),
      `fail: sps.ca: it is self-signed; ${remedy}`,
    );
    assert.equal(
      sentenceOf(spsCertificate, { sps: bad }),
      `fail: sps.ca: its certificate is not accepted (CERT_HAS_EXPIRED); ${remedy}`,
    );
  });

  it("fails with another name, and suggests the name to use", () => {
    const other = "or assign it a certificate that names its address [SG1011]";
    const named = (names: string[], address = "10.0.0.1") =>
      sentenceOf(spsCertificate, {
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

  it("warns when the identity is not verified", () => {
    const text =
      "warn: sps.insecureSkipVerify: any server is trusted (insecureSkipVerify), so the credentials can be intercepted; " +
      "set sps.ca or sps.certificateSha256";
    assert.equal(sentenceOf(spsCertificate, { sps: { trust: "skipped" } }), text);
  });

  it("is skipped without a certificate", () => {
    assert.equal(sentenceOf(spsCertificate, { sps: { certificate: unreachable } }), "not checked: not reached");
  });
});

describe("check: the appliance is an SPS node", () => {
  it("passes after a login, and by the data available without one", () => {
    assert.equal(sentenceOf(spsIsSps), "pass: it answers as an SPS node does");
    assert.equal(sentenceOf(spsIsSps, { sps: { login: refused } }), "pass: it answers as an SPS node does");
  });

  it("fails for a web site, even one that asks for a password", () => {
    const text = "fail: sps.address: what answers there is no SPS; correct the address [SG1012]";
    assert.equal(sentenceOf(spsIsSps, { sps: { login: notSps } }), text);
    assert.equal(sentenceOf(spsIsSps, { sps: { login: later, greeting: notSps } }), text);
    const site = { login: refused, ...greeting({ isSps: false }) };
    const asking =
      "fail: sps.address: what answers there asks for a password but is not the REST API of an SPS node; correct address and port [SG1012]";
    assert.equal(sentenceOf(spsIsSps, { sps: site }), asking);
  });

  it("is skipped without an answer", () => {
    assert.equal(sentenceOf(spsIsSps, { sps: { login: late, greeting: late } }), "not checked: time was up after 15 s");
    const odd = { login: unavailable, ...greeting({ isSps: false }) };
    assert.equal(sentenceOf(spsIsSps, { sps: odd }), "not checked: it answered 503");
  });
});

describe("check: SPS is set up", () => {
  it("passes when the welcome wizard is complete", () => {
    for (const setupStatus of ["completed", "booting"]) {
      assert.equal(sentenceOf(spsSetUp, { sps: greeting({ setupStatus }) }), "pass: its welcome wizard is completed");
    }
  });

  it("fails before the welcome wizard is complete", () => {
    const text =
      "fail: sps.address: its welcome wizard is uninitialized; complete the welcome wizard of the node first [SG2201]";
    assert.equal(sentenceOf(spsSetUp, { sps: greeting({ setupStatus: "uninitialized" }) }), text);
  });

  it("is skipped when the node does not report its wizard", () => {
    assert.equal(
      sentenceOf(spsSetUp, { sps: greeting({ setupStatus: undefined }) }),
      "not checked: the node does not report it",
    );
    assert.equal(sentenceOf(spsSetUp, { sps: { greeting: later } }), NOT_YET);
  });
});

describe("check: the SPS account can log in", () => {
  it("passes after a login", () => assert.equal(sentenceOf(spsLogin), "pass: user admin can log in"));

  it("fails when the login is refused or the password is not found", () => {
    const text = "fail: sps.password: user admin was refused; correct username or password [SG1013]";
    assert.equal(sentenceOf(spsLogin, { sps: { login: refused } }), text);
    const login = { why: "x", code: "SG1001" as const, cause: "environment variable X is not set", remedy: "set it" };
    const missing = "fail: sps.password: environment variable X is not set; set it [SG1001]";
    assert.equal(sentenceOf(spsLogin, { sps: { login } }), missing);
  });

  it("is skipped when no login was tried, or another server refused it", () => {
    assert.equal(sentenceOf(spsLogin, { sps: { login: unreachable } }), "not checked: not reached");
    const site = { login: refused, ...greeting({ isSps: false }) };
    assert.equal(sentenceOf(spsLogin, { sps: site }), "not checked: what answers is not an SPS node");
  });
});

describe("check: the SPS account may join", () => {
  const may = (...endpoints: [path: string, ...methods: string[]][]) =>
    sentenceOf(spsAccount, {
      sps: { endpoints: { value: endpoints.map(([path, ...methods]) => ({ path, methods })) } },
    });
  const refusal =
    "fail: sps.username: user admin may not change the cluster; give the user read and write/perform on Basic Settings > Cluster management [SG1014]";

  it("passes with a write method on the cluster or below", () => {
    const text = "pass: user admin may change the cluster";
    assert.equal(may(["/api/cluster", "GET", "POST"]), text);
    assert.equal(may(["/api/cluster", "GET"], ["/api/cluster/spp", "POST"]), text);
    assert.equal(may(["/api/cluster/nodes", "PUT"]), text);
  });

  it("fails when the account can only read, or cannot even read the cluster", () => {
    assert.equal(may(["/api/cluster", "GET"], ["/api/clusters", "POST"], ["/api/transaction", "POST"]), refusal);
    assert.equal(sentenceOf(spsAccount, { sps: { cluster: forbidden } }), refusal);
  });

  it("is skipped when the node does not report the rights", () => {
    const untold = "not checked: the node does not report what an account may do";
    assert.equal(sentenceOf(spsAccount, { sps: { endpoints: { value: undefined } } }), untold);
    assert.equal(may(["/api/transaction", "POST"]), "not checked: the node lists no endpoint of the cluster");
    assert.equal(sentenceOf(spsAccount, { sps: { endpoints: later } }), NOT_YET);
  });
});

describe("check: SPS is the Central Management node", () => {
  const withRoles = (...roles: string[]): Sps => ({
    info: { value: { hostName: "", firmwareVersion: "8.0.0", roles } },
  });
  const cause = "fail: sps.address: the node is not a Central Management node, and only that can be joined";

  it("passes with the Central Management role", () => {
    assert.equal(sentenceOf(spsCentralManagement), "pass: its roles are central-management, search-local");
  });

  it("fails without the role, and names the right node when it is known", () => {
    const other = { ...withRoles("managed-host"), ...cluster([MEMBER_ID, "10.0.0.9", "central-management"]) };
    assert.equal(
      sentenceOf(spsCentralManagement, { sps: other }),
      `${cause}; point sps.address at 10.0.0.9, the Central Management node of its cluster [SG2110]`,
    );
    assert.equal(
      sentenceOf(spsCentralManagement, { sps: { ...withRoles(), ...cluster() } }),
      `${cause}; point sps.address at the Central Management node, or create the cluster first (SpsCluster) [SG2110]`,
    );
  });

  it("is skipped when the node does not report its role", () => {
    assert.equal(sentenceOf(spsCentralManagement, { sps: { info: refused } }), "not checked: login refused");
  });
});

describe("check: SPS is the cluster of the program", () => {
  it("passes with the right node id in any case", () => {
    const clusterId = CENTRAL_ID.toUpperCase();
    assert.equal(sentenceOf(spsClusterId, { clusterId }), `pass: its node id is ${CENTRAL_ID}`);
  });

  it("fails with another node id", () => {
    const text = `fail: clusterId: its node id is ${CENTRAL_ID}, but clusterId is ${MEMBER_ID}; point sps.address at the Central Management node of that cluster [SG2111]`;
    assert.equal(sentenceOf(spsClusterId, { clusterId: MEMBER_ID }), text);
  });

  it("is skipped without a clusterId, a cluster or an answer", () => {
    assert.equal(sentenceOf(spsClusterId), "not checked: the program sets no clusterId");
    const alone = { clusterId: CENTRAL_ID, sps: cluster() };
    assert.equal(sentenceOf(spsClusterId, alone), "not checked: the node is in no cluster");
    assert.equal(sentenceOf(spsClusterId, { clusterId: CENTRAL_ID, sps: { cluster: later } }), NOT_YET);
  });
});

describe("check: all members have joined the cluster", () => {
  const remedy = "complete the cluster first (SpsCluster): nodes added after the join cause problems [SG2203]";

  it("passes when each member has its search role and a status", () => {
    assert.equal(sentenceOf(spsMembers), "pass: 2 nodes, each with its search role");
    assert.equal(
      sentenceOf(spsMembers, { sps: { ...cluster([CENTRAL_ID, "10.0.0.1", "search-local"]), reports: late } }),
      "pass: 1 node, each with its search role",
    );
  });

  it("fails with members that are only partly joined", () => {
    const roleless = cluster([CENTRAL_ID, "10.0.0.1", "central-management"], [MEMBER_ID, "10.0.0.2"]);
    const text = `fail: sps.address: 10.0.0.1 has no search role, 10.0.0.2 has no search role; ${remedy}`;
    assert.equal(sentenceOf(spsMembers, { sps: roleless }), text);
    const silent = `fail: sps.address: 10.0.0.2 is listed without a status; ${remedy}`;
    assert.equal(sentenceOf(spsMembers, { sps: { reports: { value: [] } } }), silent);
  });

  it("is skipped without a cluster", () => {
    assert.equal(sentenceOf(spsMembers, { sps: cluster() }), "not checked: the node is in no cluster");
    assert.equal(sentenceOf(spsMembers, { sps: { cluster: later } }), NOT_YET);
  });
});

describe("check: at least one node can record sessions", () => {
  it("passes with a node that can record", () => {
    assert.equal(sentenceOf(spsRecording), "pass: 2 of 2 nodes can");
    const central = cluster(
      [CENTRAL_ID, "10.0.0.1", "central-management", "search-master"],
      [MEMBER_ID, "10.0.0.2", "managed-host", "search-minion"],
    );
    assert.equal(sentenceOf(spsRecording, { sps: central }), "pass: 1 of 2 nodes can");
  });

  it("fails with a single search master", () => {
    const text =
      "fail: sps.address: no node has the role search-local or search-minion, so none can record; " +
      "give the Central Management node the role search-local, or add a node that records [SG2202]";
    const lone = cluster([CENTRAL_ID, "10.0.0.1", "central-management", "search-master"]);
    assert.equal(sentenceOf(spsRecording, { sps: lone }), text);
  });

  it("is skipped without a cluster", () => {
    assert.equal(sentenceOf(spsRecording, { sps: cluster() }), "not checked: the node is in no cluster");
    assert.equal(sentenceOf(spsRecording, { sps: { cluster: forbidden } }), "not checked: the account may not read it");
  });
});

describe("check: the cluster members are in sync", () => {
  const remedy = "wait until the members have applied the configuration (they ask every 10 s), or fix them [SG2204]";
  const problem = (changes: Sps) => sentenceOf(spsSynchronization, { sps: changes });

  it("passes when all are in sync, in any spelling, and with a single node", () => {
    assert.equal(sentenceOf(spsSynchronization), "pass: 1 member in sync");
    for (const status of ["UP-TO-DATE", "up to date", "UP_TO_DATE"]) {
      assert.equal(problem(reportedBy({ status })), "pass: 1 member in sync");
    }
    const one = cluster([CENTRAL_ID, "10.0.0.1", "central-management", "search-local"]);
    assert.equal(problem(one), "pass: one node: nothing to synchronize");
  });

  it("fails with a member that is out of sync, missing, or not set to synchronize", () => {
    const text = (what: string) => `fail: sps.address: 10.0.0.2 ${what}; ${remedy}`;
    assert.equal(problem(reportedBy({ status: "pending" })), text("is pending"));
    assert.equal(problem(reportedBy({ status: "outdated", errors: 2 })), text("is outdated, with 2 errors"));
    assert.equal(problem(reportedBy({ errors: 1 })), text("is up-to-date, with 1 error"));
    assert.equal(problem(reportedBy({ silentSeconds: 61 })), text("reported last 61 s ago"));
    assert.equal(problem(reportedBy({ silentSeconds: undefined })), text("has never reported (up-to-date)"));
    assert.equal(problem(reportedBy({ isDown: true })), text("is down"));
    assert.equal(problem(reportedBy({ nodeId: CENTRAL_ID })), text("has no status"));
    const unmanaged = cluster([CENTRAL_ID, "10.0.0.1", "central-management"], [MEMBER_ID, "10.0.0.2", "search-local"]);
    assert.equal(problem(unmanaged), text("is not a managed host, so it does not synchronize"));
  });

  it("is skipped without a cluster or its status", () => {
    assert.equal(problem(cluster()), "not checked: the node is in no cluster");
    assert.equal(problem({ reports: late }), "not checked: time was up after 15 s");
    assert.equal(problem({ cluster: later }), NOT_YET);
  });
});

describe("note: the SPS nodes run one version", () => {
  const note = (sps: Sps = {}) => notesOf(baseFacts({ sps })).find(({ id }) => id === "sps-firmware")?.text;

  it("refers to the versions of several nodes, and is omitted for a single node", () => {
    assert.equal(
      note(),
      "the Central Management node runs 8.0.0; the other nodes report theirs only after a login there (SpsCluster compares them)",
    );
    assert.equal(note(cluster([CENTRAL_ID, "10.0.0.1", "central-management", "search-local"])), undefined);
    assert.equal(note({ cluster: later }), undefined);
  });
});

describe("check: no object of SPS is named safeguard_default", () => {
  const named = (names: string[], unseen: string[] = []): Sps => ({
    defaults: { value: { objects: names.map((name) => ({ list: "/l", name })), forbidden: unseen } },
  });
  const remedy = "rename or remove them on SPS, or acknowledge that they are overwritten [SG2205]";

  it("passes without such names, and with those of the join with this SPP", () => {
    assert.equal(sentenceOf(spsDefaultNames), "pass: none is");
    const joined = { sps: named(["safeguard_default"]), spp: { modules: { value: [rowOf()] } } };
    assert.equal(sentenceOf(spsDefaultNames, joined), "pass: 1 name, from the join with this SPP");
  });

  it("fails with each name once, and lists the unreadable paths", () => {
    const text = `fail: sps.address: the join would overwrite 2 names: safeguard_default, b; incomplete, for the account may not read /x; ${remedy}`;
    assert.equal(sentenceOf(spsDefaultNames, { sps: named(["safeguard_default", "b", "b"], ["/x"]) }), text);
  });

  it("warns when every name is acknowledged, and fails when one is not", () => {
    const overwrites = ["a", "b"];
    const text = "warn: they will be overwritten, as acknowledged: 2 names: b, a; keep a copy of their settings";
    assert.equal(sentenceOf(spsDefaultNames, { overwrites, sps: named(["b", "a"]) }), text);
    assert.match(sentenceOf(spsDefaultNames, { overwrites, sps: named(["b", "c"]) }), /^fail: /);
  });

  it("fails for an account that may read none of the lists", () => {
    const roots = ["plugins", "policies", "rdp", "ssh", "vnc"].map((root) => `/api/configuration/${root}`);
    const text =
      "fail: sps.username: user admin may not read the policies and plugins: neither what is overwritten nor the end of the join would be seen; give the user the right to read Policies and the protocols' settings [SG1014]";
    assert.equal(sentenceOf(spsDefaultNames, { sps: named([], roots) }), text);
    const others = roots.filter((root) => !root.endsWith("ssh"));
    assert.match(sentenceOf(spsDefaultNames, { sps: named([], others) }), /^not checked: none is seen; incomplete/);
  });

  it("is skipped when lists are unreadable, or the owner of the names is unknown", () => {
    const hidden = "not checked: none is seen; incomplete, for the account may not read /x, /y";
    assert.equal(sentenceOf(spsDefaultNames, { sps: named([], ["/x", "/y"]) }), hidden);
    const unknown = { sps: named(["a"]), spp: { modules: refused } };
    assert.equal(sentenceOf(spsDefaultNames, unknown), "not checked: login refused");
    assert.equal(sentenceOf(spsDefaultNames, { sps: { defaults: later } }), NOT_YET);
  });
});

describe("check: SPS has a system backup policy", () => {
  const none: Sps = { systemBackup: { value: undefined } };
  const remedy = "set one at Basic Settings > Management > System backup";

  it("passes with a policy, and when the program skips the check", () => {
    assert.equal(sentenceOf(spsBackup), "pass: one is set");
    const skipped = { sps: none, backups: { sps: "skip" as const, spp: "skip" as const } };
    assert.equal(sentenceOf(spsBackup, skipped), "pass: none is set, and the program skips it");
  });

  it("warns without a policy, and fails when the program requires one", () => {
    const warned = `warn: sps.address: none is set, and the join cannot be undone; ${remedy}`;
    assert.equal(sentenceOf(spsBackup, { sps: none }), warned);
    const required = { sps: none, backups: { sps: "require" as const, spp: "skip" as const } };
    assert.equal(sentenceOf(spsBackup, required), `fail: sps.address: none is set; ${remedy} [SG2206]`);
  });

  it("is skipped when the policy cannot be read", () => {
    assert.equal(
      sentenceOf(spsBackup, { sps: { systemBackup: forbidden } }),
      "not checked: the account may not read it",
    );
  });
});
