import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { baseFacts, CENTRAL_ID, MEMBER_ID, reportOf, rowOf } from "../../../../benchmarks/preflight/base-facts";
import { sentenceOf, UNREAD } from "../../../../benchmarks/preflight/sentence";
import type { MemberReport } from "../../../sps/member-reports";
import type { Facts } from "../facts";
import { notesOf } from "./notes";

type Sps = Partial<Facts["sps"]>;
const { later, late, refused, forbidden } = UNREAD;
const NOT_YET = "not checked: created in this update";

const cluster = (...nodes: [nodeId: string, address: string, ...roles: string[]][]): Sps => ({
  cluster: {
    value: {
      nodes: nodes.map(([nodeId, address, ...roles]) => ({ nodeId, address, roles })),
      selfId: nodes.length > 0 ? CENTRAL_ID : undefined,
    },
  },
});
const reportedBy = (changes: Partial<MemberReport>): Sps => ({ reports: { value: [reportOf(MEMBER_ID, changes)] } });

describe("check: SPS is the Central Management node", () => {
  const withRoles = (...roles: string[]): Sps => ({
    info: { value: { hostName: "", firmwareVersion: "8.0.0", roles } },
  });
  const cause = "fail: sps.address: the node is not a Central Management node, and only that can be joined";

  it("sps-central-management passes with the Central Management role", () => {
    assert.equal(sentenceOf("sps-central-management"), "pass: its roles are central-management, search-local");
  });

  it("sps-central-management fails without the role, and names the right node when it is known", () => {
    const other = { ...withRoles("managed-host"), ...cluster([MEMBER_ID, "10.0.0.9", "central-management"]) };
    assert.equal(
      sentenceOf("sps-central-management", { sps: other }),
      `${cause}; point sps.address at 10.0.0.9, the Central Management node of its cluster [SG2110]`,
    );
    assert.equal(
      sentenceOf("sps-central-management", { sps: { ...withRoles(), ...cluster() } }),
      `${cause}; point sps.address at the Central Management node, or create the cluster first (SpsCluster) [SG2110]`,
    );
  });

  it("sps-central-management is skipped when the node does not report its role", () => {
    assert.equal(sentenceOf("sps-central-management", { sps: { info: refused } }), "not checked: login refused");
  });
});

describe("check: SPS is the cluster of the program", () => {
  it("sps-cluster-id passes with the right node id in any case", () => {
    const clusterId = CENTRAL_ID.toUpperCase();
    assert.equal(sentenceOf("sps-cluster-id", { clusterId }), `pass: its node id is ${CENTRAL_ID}`);
  });

  it("sps-cluster-id fails with another node id", () => {
    const text = `fail: clusterId: its node id is ${CENTRAL_ID}, but clusterId is ${MEMBER_ID}; point sps.address at the Central Management node of that cluster, or correct clusterId [SG2111]`;
    assert.equal(sentenceOf("sps-cluster-id", { clusterId: MEMBER_ID }), text);
  });

  it("sps-cluster-id is skipped without a clusterId, a cluster or an answer", () => {
    assert.equal(sentenceOf("sps-cluster-id"), "not checked: the program sets no clusterId");
    const alone = { clusterId: CENTRAL_ID, sps: cluster() };
    assert.equal(sentenceOf("sps-cluster-id", alone), "not checked: the node is in no cluster");
    assert.equal(sentenceOf("sps-cluster-id", { clusterId: CENTRAL_ID, sps: { cluster: later } }), NOT_YET);
  });
});

describe("check: all members have joined the cluster", () => {
  const remedy = "complete the cluster first (SpsCluster): nodes added after the join cause problems [SG2203]";

  it("sps-members passes when each member has its search role and a status", () => {
    assert.equal(sentenceOf("sps-members"), "pass: 2 nodes, each with its search role");
    assert.equal(
      sentenceOf("sps-members", { sps: { ...cluster([CENTRAL_ID, "10.0.0.1", "search-local"]), reports: late } }),
      "pass: 1 node, each with its search role",
    );
  });

  it("sps-members fails with members that are only partly joined", () => {
    const roleless = cluster([CENTRAL_ID, "10.0.0.1", "central-management"], [MEMBER_ID, "10.0.0.2"]);
    const text = `fail: sps.address: 10.0.0.1 has no search role, 10.0.0.2 has no search role; ${remedy}`;
    assert.equal(sentenceOf("sps-members", { sps: roleless }), text);
    const silent = `fail: sps.address: 10.0.0.2 is listed without a status; ${remedy}`;
    assert.equal(sentenceOf("sps-members", { sps: { reports: { value: [] } } }), silent);
  });

  it("sps-members is skipped without a cluster", () => {
    assert.equal(sentenceOf("sps-members", { sps: cluster() }), "not checked: the node is in no cluster");
    assert.equal(sentenceOf("sps-members", { sps: { cluster: later } }), NOT_YET);
  });
});

describe("check: at least one node can record sessions", () => {
  it("sps-recording passes with a node that can record", () => {
    assert.equal(sentenceOf("sps-recording"), "pass: 2 of 2 nodes can");
    const central = cluster(
      [CENTRAL_ID, "10.0.0.1", "central-management", "search-master"],
      [MEMBER_ID, "10.0.0.2", "managed-host", "search-minion"],
    );
    assert.equal(sentenceOf("sps-recording", { sps: central }), "pass: 1 of 2 nodes can");
  });

  it("sps-recording fails with a single search master", () => {
    const text =
      "fail: sps.address: no node has the role search-local or search-minion, so none can record; " +
      "give the Central Management node the role search-local, or add a node that records [SG2202]";
    const lone = cluster([CENTRAL_ID, "10.0.0.1", "central-management", "search-master"]);
    assert.equal(sentenceOf("sps-recording", { sps: lone }), text);
  });

  it("sps-recording is skipped without a cluster", () => {
    assert.equal(sentenceOf("sps-recording", { sps: cluster() }), "not checked: the node is in no cluster");
    assert.equal(
      sentenceOf("sps-recording", { sps: { cluster: forbidden } }),
      "not checked: the account may not read it",
    );
  });
});

describe("check: the cluster members are in sync", () => {
  const remedy =
    "wait until the members have applied the configuration, or fix the issues at Basic Settings > Cluster management [SG2204]";
  const problem = (changes: Sps) => sentenceOf("sps-synchronization", { sps: changes });

  it("sps-synchronization passes when all are in sync, in any spelling, and with a single node", () => {
    assert.equal(sentenceOf("sps-synchronization"), "pass: 1 member in sync");
    for (const status of ["UP-TO-DATE", "up to date", "UP_TO_DATE"]) {
      assert.equal(problem(reportedBy({ status })), "pass: 1 member in sync");
    }
    const one = cluster([CENTRAL_ID, "10.0.0.1", "central-management", "search-local"]);
    assert.equal(problem(one), "pass: one node: nothing to synchronize");
  });

  it("sps-synchronization fails for a member that is out of sync, missing or unmanaged", () => {
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

  it("sps-synchronization is skipped without a cluster or its status", () => {
    assert.equal(problem(cluster()), "not checked: the node is in no cluster");
    assert.equal(problem({ reports: late }), "not checked: time was up after 15 s");
    assert.equal(problem({ cluster: later }), NOT_YET);
  });
});

describe("note: the SPS nodes run one version", () => {
  const note = (sps: Sps = {}) => notesOf(baseFacts({ sps })).find(({ id }) => id === "sps-firmware")?.text;

  it("notes that several nodes may run several versions, but not for a single node", () => {
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

  it("sps-default-names passes without such names, and with those of the join with this SPP", () => {
    assert.equal(sentenceOf("sps-default-names"), "pass: none is");
    const joined = { sps: named(["safeguard_default"]), spp: { modules: { value: [rowOf()] } } };
    assert.equal(sentenceOf("sps-default-names", joined), "pass: 1 name, from the join with this SPP");
  });

  it("sps-default-names fails with each name once, and lists the unreadable paths", () => {
    const text = `fail: sps.address: the join would overwrite 2 names: safeguard_default, b; the account may not read /x; ${remedy}`;
    assert.equal(sentenceOf("sps-default-names", { sps: named(["safeguard_default", "b", "b"], ["/x"]) }), text);
  });

  it("sps-default-names warns when every name is acknowledged, and fails when one is not", () => {
    const overwrites = ["a", "b"];
    const text = "warn: they will be overwritten, as acknowledged: 2 names: b, a; keep a copy of their settings";
    assert.equal(sentenceOf("sps-default-names", { overwrites, sps: named(["b", "a"]) }), text);
    assert.match(sentenceOf("sps-default-names", { overwrites, sps: named(["b", "c"]) }), /^fail: /);
  });

  it("sps-default-names fails for an account that may read none of the lists", () => {
    const roots = ["plugins", "policies", "rdp", "ssh", "vnc"].map((root) => `/api/configuration/${root}`);
    const text =
      "fail: sps.username: user admin may not read the policies and plugins: neither the overwritten objects nor the end of the join would be visible; give the user the right to read Policies and the protocols' settings [SG1014]";
    assert.equal(sentenceOf("sps-default-names", { sps: named([], roots) }), text);
    const others = roots.filter((root) => !root.endsWith("ssh"));
    assert.match(
      sentenceOf("sps-default-names", { sps: named([], others) }),
      /^not checked: none is visible, but the account may not read/,
    );
  });

  it("sps-default-names is skipped when lists or the owner of the names cannot be read", () => {
    const hidden = "not checked: none is visible, but the account may not read /x, /y";
    assert.equal(sentenceOf("sps-default-names", { sps: named([], ["/x", "/y"]) }), hidden);
    const unknown = { sps: named(["a"]), spp: { modules: refused } };
    assert.equal(sentenceOf("sps-default-names", unknown), "not checked: login refused");
    assert.equal(sentenceOf("sps-default-names", { sps: { defaults: later } }), NOT_YET);
  });
});

describe("check: SPS has a system backup policy", () => {
  const none: Sps = { systemBackup: { value: undefined } };
  const remedy = "set one at Basic Settings > Management > System backup";

  it("sps-backup passes with a policy, and when the program skips the check", () => {
    assert.equal(sentenceOf("sps-backup"), "pass: one is set");
    const skipped = { sps: none, backups: { sps: "skip" as const, spp: "skip" as const } };
    assert.equal(sentenceOf("sps-backup", skipped), "pass: none is set, and the program skips it");
  });

  it("sps-backup warns without a policy, and fails when the program requires one", () => {
    const warned = `warn: sps.address: none is set, and the join cannot be undone; ${remedy}`;
    assert.equal(sentenceOf("sps-backup", { sps: none }), warned);
    const required = { sps: none, backups: { sps: "require" as const, spp: "skip" as const } };
    assert.equal(
      sentenceOf("sps-backup", required),
      `fail: sps.address: none is set; ${remedy}, or set backups.sps to "skip" [SG2206]`,
    );
  });

  it("sps-backup is skipped when the policy cannot be read", () => {
    assert.equal(
      sentenceOf("sps-backup", { sps: { systemBackup: forbidden } }),
      "not checked: the account may not read it",
    );
  });
});
