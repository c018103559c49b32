import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  APPLIANCE_ID,
  baseFacts,
  CENTRAL_ID,
  MEMBER_ID,
  NOW,
  rowOf,
} from "../../../../benchmarks/preflight/base-facts";
import { sentenceOf, UNREAD } from "../../../../benchmarks/preflight/sentence";
import type { SessionModule } from "../../../spp/session-modules";
import { consequencesOf } from "../consequences";
import type { Facts } from "../facts";

const { later, late, refused } = UNREAD;
const NOT_YET = "not checked: created in this update";
const ON_SPP = "Appliance Management > Cluster > Session Appliances on SPP";
const rows = (...value: SessionModule[]) => ({ modules: { value } });
const objects = (...lists: string[]) => ({
  defaults: {
    value: {
      objects: lists.map((list, index) => ({ list: `/api/configuration/${list}`, name: `safeguard_default_${index}` })),
      forbidden: [],
    },
  },
});
const WORK_OF_JOIN = objects("plugins/aa", "ssh/connections");

describe("check: SPS and SPP run one version", () => {
  const sentence = (firmwareVersion: string, version: string | undefined) => {
    const { status } = baseFacts().spp;
    assert("value" in status);
    return sentenceOf("versions-equal", {
      sps: { info: { value: { hostName: "", firmwareVersion, roles: [] } } },
      spp: { status: { value: { ...status.value, version } } },
    });
  };

  it("versions-equal passes when major, minor and revision are equal", () => {
    assert.equal(sentence("8.0.0", "8.0.0.21662"), "pass: SPS 8.0.0, SPP 8.0.0.21662");
  });

  it("versions-equal fails when the versions differ, and names the older one", () => {
    const text = (remedy: string) => `SPP 8.0.0.21662, and they must be equal; upgrade ${remedy} first [SG2210]`;
    assert.equal(sentence("7.5.1", "8.0.0.21662"), `fail: SPS runs 7.5.1, ${text("SPS")}`);
    assert.equal(sentence("8.0.1", "8.0.0.21662"), `fail: SPS runs 8.0.1, ${text("SPP")}`);
  });

  it("versions-equal is skipped when a version is unknown", () => {
    assert.equal(sentence("8.0.0", undefined), "not checked: SPS reports 8.0.0, SPP no version");
    assert.equal(sentence("", "8.0.0.1"), "not checked: SPS reports no version, SPP 8.0.0.1");
    assert.equal(sentenceOf("versions-equal", { sps: { info: later } }), NOT_YET);
  });
});

describe("check: both have IPv4 addresses", () => {
  const remedy = "use an IPv4 address, or a name that has one [SG2211]";

  it("ipv4-only passes with IPv4 addresses, even next to IPv6", () => {
    assert.equal(sentenceOf("ipv4-only"), "pass: both have");
    assert.equal(
      sentenceOf("ipv4-only", { spp: { resolved: { value: ["2001:db8::5", "10.0.0.5"] } } }),
      "pass: both have",
    );
  });

  it("ipv4-only fails when a host name, a node or SPP has only IPv6 addresses", () => {
    assert.equal(
      sentenceOf("ipv4-only", { spp: { address: "spp.example.com", resolved: { value: ["2001:db8::5"] } } }),
      `fail: spp.address: spp.example.com has only the IPv6 address 2001:db8::5; ${remedy}`,
    );
    const nodes = [{ nodeId: CENTRAL_ID, address: "2001:db8::1", roles: [] }];
    assert.equal(
      sentenceOf("ipv4-only", { sps: { cluster: { value: { nodes, selfId: CENTRAL_ID } } } }),
      `fail: sps.address: the SPS node 2001:db8::1 is in the cluster with an IPv6 address; ${remedy}`,
    );
    const own = { applianceId: "00155D26E342", isLeader: true, ipv4Address: undefined, ipv6Address: "2001:db8::5" };
    assert.equal(
      sentenceOf("ipv4-only", { spp: { members: { value: [own] } } }),
      `fail: spp.address: SPP has only the IPv6 address 2001:db8::5; ${remedy}`,
    );
  });

  it("ipv4-only is skipped while a name cannot be resolved", () => {
    assert.equal(sentenceOf("ipv4-only", { sps: { resolved: later } }), NOT_YET);
  });
});

describe("check: no other join blocks this one", () => {
  const sentence = (spp: Partial<Facts["spp"]>, sps: Partial<Facts["sps"]> = {}, overwrites: string[] = []) =>
    sentenceOf("join-state", { spp, sps, overwrites });

  it("join-state passes for appliances that are not joined, even if SPP knows other nodes", () => {
    assert.equal(sentenceOf("join-state"), "pass: neither has an entry of the other");
    const other = rowOf({ nodeId: MEMBER_ID, addresses: ["10.0.0.10"] });
    assert.equal(sentence(rows(other)), "pass: neither has an entry of the other");
  });

  it("join-state passes when only an object name resembles a join", () => {
    assert.equal(
      sentence({}, objects("ssh/connections", "rdp/connections")),
      "pass: neither has an entry of the other",
    );
    assert.equal(sentence({}, objects("plugins/aa")), "pass: neither has an entry of the other");
  });

  it("join-state passes when both are joined already", () => {
    const text = "pass: joined to this SPP already (entry 3): nothing will be sent";
    assert.equal(sentence(rows(rowOf({ nodeId: CENTRAL_ID.toUpperCase() })), WORK_OF_JOIN), text);
    const hidden = { defaults: { value: { objects: [], forbidden: ["/x"] } } };
    assert.equal(sentence(rows(rowOf()), hidden), text);
  });

  it("join-state fails when only SPP shows the join, and warns while its entry is recent", () => {
    assert.equal(
      sentence(rows(rowOf())),
      `fail: spp.address: joined on one side only: SPP trusts the node (entry 3), but SPS has none of the objects of a join; remove the entry at ${ON_SPP}, wait five minutes, then run pulumi up again [SG2212]`,
    );
    assert.equal(
      sentence(rows(rowOf({ createdAt: NOW - 40_000 }))),
      "warn: SPP has trusted the node for 40 s; SPS has not created its objects yet; no action is needed: the update waits for them",
    );
  });

  it("join-state fails when only SPS shows the join, even if overwriting is acknowledged", () => {
    const text =
      "fail: spp.address: SPS has 2 objects of a join (safeguard_default_0, safeguard_default_1), but this SPP does not know the node: it is joined to another SPP, or its entry was removed on SPP only; point spp.address at the SPP it is joined to; if that SPP is gone for good, remove the objects on SPS, then run pulumi up again [SG2214]";
    assert.equal(sentence({}, WORK_OF_JOIN), text);
    assert.equal(sentence({}, WORK_OF_JOIN, ["safeguard_default_0", "safeguard_default_1"]), text);
    const facts = baseFacts({ sps: WORK_OF_JOIN });
    assert.deepEqual(consequencesOf(facts).overwrites, [], "nothing to acknowledge");
    assert.equal(
      sentenceOf("sps-default-names", { sps: WORK_OF_JOIN }),
      "not checked: 2 names, from the join with another SPP",
    );
  });

  it("join-state names another SPP that SPS reports, and warns when it reports this one", () => {
    const reporting = (joined: string, sps: Partial<Facts["sps"]> = {}) =>
      sentence({}, { ...sps, joinedSpp: { value: joined } });
    const other = "fail: spp.address: SPS reports that it is joined to another SPP, 10.9.9.9";
    const remedy = "point spp.address at 10.9.9.9; if that SPP is gone for good, reset the SPS node [SG2214]";
    assert.equal(reporting("10.9.9.9"), `${other}; ${remedy}`);
    assert.equal(
      reporting("10.9.9.9", WORK_OF_JOIN),
      `${other}, and has 2 objects of a join (safeguard_default_0, safeguard_default_1); ${remedy}`,
    );
    for (const own of ["10.0.0.5", "SPP.example.com"]) {
      assert.equal(
        reporting(own, WORK_OF_JOIN),
        "warn: the node was joined to this SPP, which has no entry of it any more: the entry was removed on SPP only; no action is needed: the node is joined again",
      );
    }
    const recorded = { sps: WORK_OF_JOIN, recordedSppId: "00155D26E342" };
    assert.match(sentenceOf("join-state", recorded), /^warn: the node was joined to this SPP/);
    const moved = { ...recorded, sps: { ...WORK_OF_JOIN, joinedSpp: { value: "10.9.9.9" } } };
    assert.match(sentenceOf("join-state", moved), /^fail: spp.address: SPS reports .* another SPP, 10\.9\.9\.9/);
    const here = { ...WORK_OF_JOIN, joinedSpp: { value: "10.0.0.5" } };
    assert.match(
      sentenceOf("sps-default-names", { sps: here }),
      /^fail: sps.address: the join would overwrite 2 names/,
    );
  });

  it("join-state warns about a running join, and fails when its handshake never ended", () => {
    assert.equal(
      sentence(rows(rowOf({ isTrusted: false, createdAt: NOW - 40_000 }))),
      "warn: a join of this node has been running for 40 s (entry 3 on SPP); no action is needed: the update sends nothing and waits for it",
    );
    assert.equal(
      sentence(rows(rowOf({ isTrusted: false, createdAt: NOW - 301_000 }))),
      `fail: spp.address: SPP has an entry for this node (3) whose handshake never ended; remove the entry at ${ON_SPP}, then run pulumi up again [SG2103]`,
    );
  });

  it("join-state spares the objects of a join with another SPP, whose entry here never ended", () => {
    const spp = rows(rowOf({ isTrusted: false, createdAt: NOW - 301_000 }));
    const remedyWith = (joined: string | undefined) => {
      const text = sentence(spp, { ...WORK_OF_JOIN, joinedSpp: { value: joined } });
      return text.slice(text.indexOf(`remove the entry at ${ON_SPP}`));
    };
    const then = "the safeguard_default objects on SPS, then run pulumi up again [SG2103]";
    assert.equal(remedyWith("10.0.0.5"), `remove the entry at ${ON_SPP} and ${then}`);
    assert.equal(
      remedyWith(undefined),
      `remove the entry at ${ON_SPP} and, unless SPS is joined to another SPP, ${then}`,
    );
    assert.equal(
      remedyWith("10.7.7.7"),
      `remove the entry at ${ON_SPP}, leave the safeguard_default objects on SPS, and point spp.address at 10.7.7.7, which SPS is joined to [SG2103]`,
    );
  });

  it("join-state warns about a disconnected entry", () => {
    assert.equal(
      sentence(rows(rowOf({ isConnected: false })), WORK_OF_JOIN),
      `warn: SPP keeps a disconnected entry for this node (3); a new join reuses it; if SPP refuses the join with code 60657, remove the entry for good at ${ON_SPP}`,
    );
  });

  it("join-state fails for this address under another node id, and warns if disconnected", () => {
    const namesake = { nodeId: MEMBER_ID, addresses: ["SPS1.example.com"] };
    assert.equal(
      sentence(rows(rowOf({ ...namesake, id: 8, isConnected: false }), rowOf(namesake))),
      `fail: sps.address: SPP has an entry for this address (3) with another node id, ${MEMBER_ID}: SPS was reinstalled; remove that entry at ${ON_SPP} if it is no longer needed [SG2213]`,
    );
    assert.equal(
      sentence(rows(rowOf({ ...namesake, isConnected: false }))),
      `warn: sps.address: SPP keeps a disconnected entry for this address (3) with another node id; remove it at ${ON_SPP} if SPP refuses the join`,
    );
  });

  it("join-state warns when SPP knows the host name at another address", () => {
    const foreign = rowOf({ nodeId: MEMBER_ID, addresses: ["10.20.0.1", "sps1.example.com"] });
    assert.equal(
      sentence(rows(foreign)),
      `warn: sps.address: SPP has an entry (3) of another node, ${MEMBER_ID}, with the same host name and another address; find its owner at ${ON_SPP}, and keep it if it is in use`,
    );
    const anew = rowOf({ nodeId: MEMBER_ID, addresses: ["10.0.0.1", "sps1.example.com"], id: 8 });
    assert.match(sentence(rows(foreign, anew)), /^fail: .* entry for this address \(8\) .* \[SG2213\]$/);
  });

  it("join-state is skipped without data of both sides, but warns about a known address", () => {
    const sps = { cluster: later, defaults: later, info: later };
    assert.equal(sentence({}, sps), NOT_YET);
    assert.equal(
      sentence(rows(rowOf()), sps),
      `warn: sps.address: SPP has an entry for this address already (3); whether it is this node is not known: created in this update; open ${ON_SPP}`,
    );
    assert.equal(sentence({ modules: refused }), "not checked: login refused");
    assert.equal(sentence(rows(rowOf()), { defaults: late }), "not checked: time was up after 15 s");
    const alone = { cluster: { value: { nodes: [], selfId: undefined } } };
    assert.equal(sentence({}, alone), "not checked: the node is in no cluster");
  });

  it("join-state passes before the promotion, and fails for another entry of this address", () => {
    const nodes = { nodes: [], selfId: undefined };
    const info = { hostName: "sps1.example.com", firmwareVersion: "8.0.0", roles: [] };
    const facts = (spp: Partial<Facts["spp"]> = {}) => ({
      promotion: {},
      sps: { cluster: { value: nodes }, info: { value: info } },
      spp,
    });
    assert.equal(sentenceOf("join-state", facts()), "pass: neither has an entry of the other");
    assert.match(
      sentenceOf("join-state", facts(rows(rowOf()))),
      /^fail: sps.address: .*: SPS was reinstalled; .* \[SG2213\]$/,
    );
    assert.equal(sentenceOf("join-recent", facts()), "pass: none is known");
  });
});

describe("check: no join was tried within the last five minutes", () => {
  const sentence = (changes: Parameters<typeof rowOf>[0], spp: Partial<Facts["spp"]> = {}) =>
    sentenceOf("join-recent", { spp: { ...rows(rowOf(changes)), ...spp } });

  it("join-recent passes without an entry, with an old entry and with a trusted entry", () => {
    assert.equal(sentenceOf("join-recent"), "pass: none is known");
    assert.equal(sentence({ isTrusted: false }), "pass: none is known");
    assert.equal(sentence({ createdAt: NOW - 10_000 }), "pass: none is known");
    assert.equal(sentence({ isConnected: false, createdAt: undefined }), "pass: none is known");
    assert.equal(sentence({ nodeId: MEMBER_ID, isTrusted: false, createdAt: NOW }), "pass: none is known");
  });

  it("join-recent warns about a running join, with its remaining time", () => {
    const text = "warn: one began 200 s ago and has not ended; it ends within 100 s; the update waits for it";
    assert.equal(sentence({ isTrusted: false, createdAt: NOW - 200_000 }), text.replace("200 s", "3 min"));
    assert.match(sentence({ isTrusted: false, createdAt: NOW + 5_000 }), /^warn: one began 0 s ago .* within 5 min;/);
  });

  it("join-recent fails after an attempt with a disconnected entry, with the remaining wait", () => {
    const text =
      "fail: one was made 100 s ago and left a disconnected entry (3); wait 3 min, then run pulumi up again [SG2215]";
    assert.equal(sentence({ isConnected: false, isTrusted: false, createdAt: NOW - 100_000 }), text);
  });

  it("join-recent reports a request that a killed run sent from this machine", () => {
    const noted = (
      secondsAgo: number,
      changes: { nodeId?: string; applianceId?: string; waitSeconds?: number } = {},
    ) => {
      const { waitSeconds = 0, ...others } = changes;
      const sentAt = new Date(NOW - secondsAgo * 1000).toISOString();
      const attempts = [{ nodeId: CENTRAL_ID.toUpperCase(), applianceId: APPLIANCE_ID, sentAt, ...others }];
      return sentenceOf("join-recent", { attempts, waitSeconds });
    };
    const text = "a request was sent 100 s ago from this machine, and SPP lists no join of it";
    assert.equal(noted(100), `fail: ${text}; wait 3 min, then run pulumi up again [SG2215]`);
    assert.equal(noted(100, { waitSeconds: 300 }), `warn: ${text}; the update waits 3 min before it sends anything`);
    for (const passed of [noted(301), noted(1, { nodeId: MEMBER_ID }), noted(1, { applianceId: "another" })]) {
      assert.equal(passed, "pass: none is known");
    }
  });

  it("join-recent is skipped without data of both sides", () => {
    assert.equal(sentenceOf("join-recent", { sps: { cluster: later } }), NOT_YET);
    const alone = { cluster: { value: { nodes: [], selfId: undefined } } };
    assert.equal(sentenceOf("join-recent", { sps: alone }), "not checked: the node is in no cluster");
    assert.equal(sentence({}, { modules: refused }), "not checked: login refused");
  });
});
