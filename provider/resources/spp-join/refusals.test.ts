import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { FaultName } from "../../../lab/common/faults";
import { failureOf } from "../../../tests/support/failure";
import { changesIn, Site } from "../../../tests/support/site";
import { PartialFailure, SafeguardError } from "../../core/errors";
import { AttemptLedger } from "../../join/attempts";
import { sppJoin } from "./operations";
import type { SppJoinInputs, SppJoinKnown } from "./schema";

const REQUEST = "POST /api/cluster/spp";

describe("SppJoin refusals", () => {
  let site: Site;

  before(async () => {
    site = await Site.startWithCluster({ spsCount: 1 });
  });
  after(() => site.stop());
  beforeEach(() => site.clearTraffic());
  afterEach(async () => {
    // The next test is not to wait for five minutes after the attempt of this one.
    await new AttemptLedger().end(site.lab.sps[0].nodeId);
    site.lab.faults.clear();
    site.assertNoSecret(...site.log.all);
    assert.deepEqual(site.lab.spp.sessionModules, []);
    assert.equal(site.lab.spp.openAccessRequests, 2);
    assert.equal(site.lab.spp.context.lock.status().Operation, "None");
    assert.equal(site.openTransactions, 0);
  });

  const requests = () => changesIn(site.lab.sps[0].traffic);
  /** Whether the next run will find that five minutes must pass. */
  const isNoted = async () => (await new AttemptLedger().all()).some(({ nodeId }) => nodeId === site.lab.sps[0].nodeId);

  /** The failure of a creation, which records nothing. */
  async function refusal(inputs: SppJoinKnown): Promise<SafeguardError> {
    const error = await failureOf(sppJoin.create(inputs, site.context()), SafeguardError);
    site.assertNoSecret(error.message);
    return error;
  }

  const unsent: [string, FaultName, string][] = [
    ["SPP is a web site", "spp-not-spp", "SG2004"],
    ["SPP is a replica", "spp-replica", "SG2007"],
    ["the account lacks permissions", "spp-permissions", "SG2006"],
    ["SPP refuses the password", "spp-credentials", "SG2001"],
    ["the account needs a second factor", "spp-second-factor", "SG2002"],
    ["SPP is in maintenance", "spp-maintenance", "SG2005"],
    ["SPP answers 503", "spp-5xx", "SG2005"],
    ["SPS answers 503", "sps-5xx", "SG1015"],
    ["SPP serves the certificate of another host", "spp-certificate-mismatch", "SG1011"],
    ["SPP serves an untrusted certificate", "spp-untrusted-certificate", "SG1011"],
    ["another operation runs on SPP", "spp-operation-running", "SG2113"],
  ];
  for (const [name, fault, code] of unsent) {
    it(`refuses before any request when ${name} (${code})`, async () => {
      const inputs = await site.join({ timeouts: { trustSeconds: 1 } });
      site.lab.faults.on(fault);
      assert.equal((await refusal(inputs)).code, code);
      assert.deepEqual(requests(), []);
    });
  }

  const reported: [string, FaultName[], string][] = [
    ["SPP's certificate has another name", ["spp-certificate-mismatch"], "SG2101"],
    ["SPS does not trust SPP's certificate", ["spp-untrusted-certificate"], "SG2102"],
    ["SPP knows the node already", ["join-already-linked"], "SG2103"],
    ["the permissions are revoked", ["spp-permissions"], "SG2105"],
    ["the permissions are revoked, reported as text", ["spp-permissions", "join-response-text"], "SG2105"],
    ["SPP becomes a replica", ["spp-replica"], "SG2106"],
    ["SPP becomes a replica, reported as text", ["spp-replica", "join-response-text"], "SG2106"],
    ["SPS does not reach SPP", ["join-address-typo"], "SG2107"],
    ["SPP forgets the token", ["spp-token-expired"], "SG2199"],
  ];
  for (const [name, faults, code] of reported) {
    for (const status of [400, 502]) {
      it(`fails after one request when ${name} (${code}, ${status})`, async () => {
        const inputs = await site.join();
        site.lab.sps[0].variant.joinFailedStatus = status;
        const run = () => {
          for (const fault of faults) site.lab.faults.on(fault);
        };
        site.lab.sps[0].traffic.inject({ path: /cluster\/spp$/, effect: { kind: "call", when: "before", run } });
        // What SPP is asked afterwards must be answered, however it stands.
        site.lab.sps[0].traffic.inject({
          path: /cluster\/spp$/,
          effect: { kind: "call", when: "after", run: () => site.lab.faults.clear() },
        });
        const failure = await refusal(inputs);
        assert.equal(failure.code, code);
        assert.equal(failure.text.object, `sps ${inputs.sps.address}`);
        assert.deepEqual(requests(), [REQUEST]);
        assert.equal(await isNoted(), failure.message.includes("(not before 5 minutes have passed)"));
      });
    }
  }

  it("fails after one request when the SPS session expires (SG1013)", async () => {
    const inputs = await site.join();
    const run = () => site.lab.faults.on("sps-session-expired");
    site.lab.sps[0].traffic.inject({ path: /cluster\/spp$/, effect: { kind: "call", when: "before", run } });
    assert.equal((await refusal(inputs)).code, "SG1013");
    assert.deepEqual(requests(), [REQUEST]);
  });

  const programs: [string, (site: Site) => Partial<SppJoinInputs>, string][] = [
    ["the SPS password is wrong", () => ({ sps: site.sps(0, { password: "wrong" }) }), "SG1013"],
    ["the SPP password is wrong", () => ({ spp: site.spp({ password: "wrong" }) }), "SG2001"],
    ["SPS is not trusted", () => ({ sps: site.sps(0, { ca: undefined }) }), "SG1011"],
    ["SPP is not trusted", () => ({ spp: site.spp({ ca: undefined }) }), "SG1011"],
    ["SPS is not the pinned one", () => ({ sps: site.sps(0, { certificateSha256: "ab".repeat(32) }) }), "SG1011"],
    ["SPP is unreachable", () => ({ spp: site.spp({ port: 1 }) }), "SG1010"],
    ["spp.address leads to SPS", () => ({ spp: site.sps(0) }), "SG2004"],
    ["sps.address leads to SPP", () => ({ sps: site.spp() }), "SG1012"],
    ["clusterId differs", () => ({ clusterId: "6d5c9a10-0a4e-4c36-9d0e-0f6e4bd2a111" }), "SG2111"],
  ];
  for (const [name, changes, code] of programs) {
    it(`refuses with at most one login per appliance when ${name} (${code})`, async () => {
      const inputs = await site.join(changes(site));
      site.clearTraffic();
      assert.equal((await refusal(inputs)).code, code);
      assert.deepEqual(
        requests().filter((request) => request === REQUEST),
        [],
      );
      assert.ok(site.lab.sps[0].traffic.count("GET", "/api/authentication") <= 1, "one login on SPS");
      const passwordSteps = site.lab.spp.traffic.requests.filter(({ query }) => query.endsWith("loginRequestStep=3"));
      assert.ok(passwordSteps.length <= 1, "one login on SPP");
    });
  }

  it("refuses a pinned SPP certificate that does not name the SPP address (SG2011)", async () => {
    const { spp } = site.lab;
    const names = spp.context.options.certificate.ipAddresses.splice(0);
    try {
      const pinned = site.spp({ certificateSha256: spp.certificate.sha256, ca: undefined });
      const failure = await refusal(await site.join({ spp: pinned }));
      assert.equal(failure.code, "SG2011");
      assert.match(failure.message, /names spp\.lab\.example, not [\d.]+; .*; use spp\.address spp\.lab\.example /);
      assert.deepEqual(requests(), []);
    } finally {
      spp.context.options.certificate.ipAddresses.push(...names);
    }
  });

  it("sends no request when a router that the program names would be refused (SG2119)", async () => {
    const edge = { platform: "linux", router: { address: "127.0.0.1", password: "x", port: 1 }, redirections: [] };
    const failure = await refusal(await site.join({ proveFirst: { routers: { edge } as never } }));
    assert.equal(failure.code, "SG2119");
    assert.match(failure.message, /check routers: a later step would fail: edge: Invalid value for redirections/);
    assert.deepEqual(requests(), []);
  });

  it("refuses a missing or wrong acknowledgement without a request (SG2117)", async () => {
    const inputs = await site.join();
    site.clearTraffic();
    for (const acknowledge of [undefined, { irreversible: true as const, sps: "10.0.0.1", spp: "10.0.0.5" }]) {
      const failure = await refusal({ ...inputs, acknowledge });
      assert.equal(failure.code, "SG2117");
      assert.match(failure.message, /acknowledge: \{ irreversible: true, sps: "127\.[\d.]+", spp: "127\.[\d.]+" \}/);
    }
    assert.deepEqual([requests(), changesIn(site.lab.spp.traffic)], [[], []]);
  });
});

describe("join of a node outside any cluster", () => {
  it("refuses to join a node that is in no cluster and sends nothing (SG2110)", async () => {
    const site = await Site.start({ spsCount: 1 });
    try {
      const inputs = await site.join();
      await assert.rejects(sppJoin.create(inputs, site.context()), { code: "SG2110" });
      assert.deepEqual(changesIn(site.lab.sps[0].traffic), []);
    } finally {
      await site.stop();
    }
  });
});

describe("SppJoin under faults", () => {
  let site: Site;
  beforeEach(async () => {
    site = await Site.startWithCluster({ spsCount: 1 });
  });
  afterEach(async () => {
    site.assertNoSecret(...site.log.all);
    assert.equal(site.openTransactions, 0);
    await site.stop();
  });

  const sent = () => site.lab.sps[0].traffic.count("POST", "/api/cluster/spp");

  async function partialFailure(inputs: SppJoinKnown): Promise<PartialFailure> {
    const error = await failureOf(sppJoin.create(inputs, site.context()), PartialFailure);
    site.assertNoSecret(...error.reasons);
    return error;
  }

  const resume = (failure: PartialFailure, inputs: SppJoinKnown) =>
    sppJoin.update(failure.id, JSON.parse(JSON.stringify(failure.state)), inputs, site.context());

  it("waits for a running SPP operation to end and then sends one request", async () => {
    site.lab.faults.on("spp-operation-running");
    const creation = sppJoin.create(await site.join(), site.context());
    while (site.lab.spp.traffic.count("GET", /Cluster\/Status$/) < 2) await pause(5);
    assert.equal(sent(), 0);
    site.lab.faults.off("spp-operation-running");
    assert.equal((await creation).state.health, "joined");
    assert.equal(sent(), 1);
    assert.match(
      site.log.of("status")[0] ?? "",
      /waiting for the end of the running cluster operation: operation Audit/,
    );
  });

  it("sends the request again when SPP began another operation first, which refused it", async () => {
    const run = () => site.lab.faults.on("spp-operation-running");
    site.lab.sps[0].traffic.inject({ path: /cluster\/spp$/, effect: { kind: "call", when: "before", run } });
    const creation = sppJoin.create(await site.join(), site.context());
    while (!site.log.of("info").some((line) => line.includes("another cluster operation started first")))
      await pause(5);
    assert.deepEqual([sent(), site.lab.spp.sessionModules.length], [1, 0]);
    site.lab.faults.clear();
    assert.equal((await creation).state.health, "joined");
    assert.equal(sent(), 2);
  });

  it("names the other operation when it does not end within the limit, and records no attempt", async () => {
    const run = () => site.lab.faults.on("spp-operation-running");
    site.lab.sps[0].traffic.inject({ path: /cluster\/spp$/, effect: { kind: "call", when: "before", run } });
    const inputs = await site.join({ timeouts: { trustSeconds: 1 } });
    const failure = await failureOf(sppJoin.create(inputs, site.context()), SafeguardError);
    assert.equal(failure.code, "SG2113");
    assert.equal(sent(), 1);
    site.lab.faults.clear();
    assert.equal((await sppJoin.create(await site.join(), site.context())).state.health, "joined");
    assert.ok(!site.log.all.some((line) => line.includes("cool down")));
  });

  it("finds the join complete when the answer to the request is lost", async () => {
    site.lab.faults.on("sps-answer-lost");
    const { state } = await sppJoin.create(await site.join(), site.context());
    assert.equal(state.health, "joined");
    assert.equal(sent(), 1);
    assert.match(site.log.of("warn")[0] ?? "", /the outcome of the join request is not known; asking spp/);
  });

  it("repeats a lost join request only after five minutes", async () => {
    site.lab.sps[0].traffic.inject({ path: /cluster\/spp$/, effect: { kind: "cut-before" } });
    const inputs = await site.join({ timeouts: { trustSeconds: 1 } });
    const failure = await partialFailure(inputs);
    assert.match(failure.message, /wait for an entry for the node whose join request got no answer: .* \[SG2112\]$/);
    assert.deepEqual(failure.reasons.slice(1), [
      "done: nothing yet",
      "interrupted, outcome unknown: join request sent",
      "the next pulumi up reads the appliances and continues from there",
    ]);
    assert.equal(sent(), 1);
    assert.equal(failure.state.health, "not joined");
    assert.equal(failure.state.phase, "request");
    await assert.rejects(resume(failure, inputs), /cool down: .* \d+ s remain, .* nothing was sent \[SG2215\]$/);
    assert.equal(sent(), 1);
    const patient = await site.join({ timeouts: { trustSeconds: 330 } });
    const { state } = await resume(failure, patient);
    assert.deepEqual([state.health, state.phase, state.lastAttemptAt], ["joined", "verified", ""]);
    assert.equal(sent(), 2);
    assert.match(site.log.of("status").join(), /waiting for five minutes since the last attempt: \d+ s remain/);
    const passedSeconds = (Date.parse(state.joinedAt) - Date.parse(String(failure.state.lastAttemptAt))) / 1000;
    assert.ok(passedSeconds >= 300, `the second request was sent after ${passedSeconds} s`);
  });

  it("repeats a lost join request only after five minutes when no state was recorded", async () => {
    site.lab.sps[0].traffic.inject({ path: /cluster\/spp$/, effect: { kind: "cut-before" } });
    await partialFailure(await site.join({ timeouts: { trustSeconds: 1 } }));
    const anew = sppJoin.create(await site.join({ timeouts: { trustSeconds: 1 } }), site.context());
    await assert.rejects(anew, /cool down: .* \d+ s remain, .* nothing was sent \[SG2215\]$/);
    assert.equal(sent(), 1);
    const { state } = await sppJoin.create(await site.join({ timeouts: { trustSeconds: 330 } }), site.context());
    assert.equal(state.health, "joined");
    assert.equal(sent(), 2);
  });

  it("gives up after a handshake of five minutes, and the next run starts again", async () => {
    site.lab.faults.on("join-over-five-minutes");
    const inputs = await site.join({ timeouts: { trustSeconds: 20 } });
    const failure = await partialFailure(inputs);
    assert.match(failure.message, /join spp: the handshake took more than five minutes; .* \[SG2104\]$/);
    assert.equal(sent(), 1);
    site.lab.faults.clear();
    assert.equal((await resume(failure, inputs)).state.health, "joined");
    assert.equal(sent(), 2);
  });

  it("sends no second request while SPP does not trust the node", async () => {
    site.lab.faults.on("join-never-trusted");
    const inputs = await site.join({ timeouts: { trustSeconds: 1 } });
    const failure = await partialFailure(inputs);
    assert.match(failure.message, /wait for trust in the joined node: not reached within 1 s .* \[SG2114\]$/);
    assert.equal(failure.state.health, "untrusted");
    // Long enough for SPP to end its operation, which it does after five minutes.
    const patient = await site.join({ timeouts: { trustSeconds: 4 } });
    await assert.rejects(resume(failure, patient), { code: "SG2114" });
    assert.equal(sent(), 1);
  });

  it("sends no second request while SPS has not created its policies", async () => {
    site.lab.faults.on("join-no-policies");
    const inputs = await site.join({ timeouts: { policySeconds: 1 } });
    const failure = await partialFailure(inputs);
    assert.match(failure.message, /last seen: (no connection yet|0 objects)\); check the log of SPS .* \[SG2115\]$/);
    assert.equal(failure.state.health, "no policies");
    assert.deepEqual(failure.reasons[1], "done: join request sent");
    await assert.rejects(resume(failure, inputs), { code: "SG2115" });
    assert.equal(sent(), 1);
  });

  it("records the ids of both appliances even when neither answers any more", async () => {
    const run = () => {
      for (const fault of ["sps-5xx", "spp-5xx"] as const) site.lab.faults.on(fault);
    };
    site.lab.sps[0].traffic.inject({ path: /cluster\/spp$/, effect: { kind: "call", when: "after", run } });
    const { nodeId, sppApplianceId } = (await partialFailure(await site.join())).state;
    assert.deepEqual([nodeId, sppApplianceId], [site.lab.sps[0].nodeId, site.lab.description.spp.applianceId]);
  });

  it("completes a half-finished join in the next run after SPP has dropped its half", async () => {
    site.lab.faults.on("spp-answer-lost");
    const inputs = await site.join({ timeouts: { trustSeconds: 20 } });
    const failure = await partialFailure(inputs);
    assert.match(
      failure.message,
      /SPP has accepted the join \(entry \d+\), and SPS did not get the answer, .* \[SG2126\]$/,
    );
    assert.equal(failure.state.health, "untrusted");
    assert.equal(sent(), 1);
    assert.equal((await resume(failure, inputs)).state.health, "joined");
    assert.equal(sent(), 2);
  });

  it("names the lists the user may not read when they hide the policies", async () => {
    site.lab.sps[0].traffic.inject({
      path: /^\/api\/configuration\/(policies|plugins|ssh|rdp)$/,
      times: Number.POSITIVE_INFINITY,
      effect: { kind: "status", status: 403 },
    });
    const failure = await partialFailure(await site.join({ timeouts: { policySeconds: 1 } }));
    assert.match(failure.message, /last seen: 0 objects, 4 lists this user may not read\)/);
    assert.deepEqual(site.log.of("warn"), []);
  });

  it("joins slow appliances with one request", async () => {
    site.lab.faults.on("sps-slow");
    site.lab.faults.on("spp-slow");
    assert.equal((await sppJoin.create(await site.join(), site.context())).state.health, "joined");
    assert.equal(sent(), 1);
  });

  it("joins with one request although the SPP token expires meanwhile", async () => {
    const { faults, spp } = site.lab;
    const run = () => faults.on("spp-token-expired");
    spp.traffic.inject({ path: /SslCertificates$/, effect: { kind: "call", when: "before", run } });
    assert.equal((await sppJoin.create(await site.join(), site.context())).state.health, "joined");
    assert.equal(sent(), 1);
  });

  it("sends one request when two resources join at the same time", async () => {
    const inputs = await site.join();
    const joins = await Promise.all([sppJoin.create(inputs, site.context()), sppJoin.create(inputs, site.context())]);
    assert.deepEqual(joins[0].state, joins[1].state);
    assert.equal(sent(), 1);
  });
});
