import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { forwardTo } from "../../../tests/support/forwarder";
import { changesIn, Site } from "../../../tests/support/site";
import { PartialFailure } from "../../core/errors";
import { AttemptLedger } from "../../join/attempts";
import { spsCluster } from "../sps-cluster/operations";
import { sppJoin } from "./operations";
import type { SppJoinInputs, SppJoinKnown, SppJoinState } from "./schema";

const REQUEST = "POST /api/cluster/spp";

/** Runs through in order: each test begins where the one before ended. */
describe("re-join", () => {
  let site: Site;
  let other: Site;
  let movedSpp: Awaited<ReturnType<typeof forwardTo>>;
  let movedSps: Awaited<ReturnType<typeof forwardTo>>;
  let state: SppJoinState;

  before(async () => {
    // The certificate names both the address of today and the one of tomorrow.
    const certificate = { dnsNames: ["spp.lab.example", "localhost"] };
    site = await Site.start({ spsCount: 1, spp: { certificate } });
    other = await Site.start({ spsCount: 1, spp: { certificate, hostName: "spp2.lab.example" } });
    await spsCluster.create(await site.cluster(), site.context());
    ({ state } = await sppJoin.create(await site.join(), site.context()));
    movedSpp = await forwardTo(site.spp());
    movedSps = await forwardTo(site.sps(0));
    site.lab.spp.context.options.addressBook.add("localhost", site.spp());
  });
  after(async () => {
    await movedSpp?.close();
    await movedSps?.close();
    await other?.stop();
    await site?.stop();
  });
  beforeEach(() => {
    site.clearTraffic();
    site.log.clear();
  });
  afterEach(() => site.assertNoSecret(...site.log.all));

  const recorded = (): SppJoinState => JSON.parse(JSON.stringify(state));
  const requests = () => changesIn(site.lab.sps[0].traffic).filter((request) => request === REQUEST).length;
  const deletions = () => changesIn(site.lab.spp.traffic).filter((request) => request.startsWith("DELETE "));

  /** What a program would get for these changes, beside a join that is recorded. */
  async function checked(changes: Partial<SppJoinInputs>) {
    const { sps = site.sps(0), spp = site.spp() } = changes;
    const acknowledge = { irreversible: true as const, sps: sps.address, spp: spp.address };
    const backups = { spp: "skip", sps: "skip" } as const;
    const { inputs, outputs, failures } = await checkAndPreview(
      sppJoin,
      { sps: site.sps(0), spp: site.spp() },
      { sps, spp, acknowledge, backups, ...changes },
      site.context(),
    );
    return {
      inputs: inputs as unknown as SppJoinKnown,
      steps: outputs.steps as string[],
      reasons: failures.map(({ reason }) => reason),
    };
  }

  const toMovedSpp = () => site.spp({ address: movedSpp.address, port: movedSpp.port });
  const saying = (extra: object) => ({
    irreversible: true as const,
    sps: site.sps(0).address,
    spp: movedSpp.address,
    ...extra,
  });

  it("asks for a separate acknowledgement when the SPP address changes", async () => {
    const { reasons, steps } = await checked({ spp: toMovedSpp() });
    assert.equal(reasons.length, 1);
    assert.match(reasons[0] ?? "", /removed and re-created, because an address changed\. .* rejoin: true \}$/);
    assert.ok(steps.some((step) => step.startsWith("re-join: disconnect the entry")));
    assert.deepEqual((await checked({ spp: toMovedSpp(), acknowledge: saying({ rejoin: true }) })).reasons, []);
    assert.match(site.log.all.join("\n"), /entry 1 is disconnected first, then reused/);
    assert.deepEqual([requests(), deletions()], [0, []]);
  });

  it("refuses to re-join at another SPP address without acknowledge.rejoin", async () => {
    const inputs = await site.join({ spp: toMovedSpp() });
    await assert.rejects(sppJoin.update("x", recorded(), inputs, site.context()), { code: "SG2117" });
    assert.deepEqual([requests(), deletions()], [0, []]);
  });

  it("does not re-join when only the SPS connection changes to another address", async () => {
    const { address, port } = movedSps;
    const { sha256: certificateSha256 } = site.lab.sps[0].certificate;
    const sps = site.sps(0, { address, port, ca: undefined, certificateSha256 });
    const { reasons, inputs } = await checked({ sps });
    assert.deepEqual(reasons, []);
    const updated = await sppJoin.update("x", recorded(), inputs, site.context());
    assert.deepEqual([requests(), deletions(), updated.state.health], [0, [], "joined"]);
  });

  it("refuses to re-join another SPP and sends it nothing", async () => {
    const strange = await forwardTo(other.spp());
    try {
      const spp = other.spp({ address: strange.address, port: strange.port });
      const inputs = await site.join({ spp, acknowledge: saying({ rejoin: true }) });
      await assert.rejects(sppJoin.update("x", recorded(), inputs, site.context()), /SG2121\]$/);
      assert.deepEqual([requests(), deletions(), other.lab.spp.sessionModules], [0, [], []]);
    } finally {
      await strange.close();
    }
  });

  it("leaves the link unchanged when SPS stops answering after the backups", async () => {
    const run = () => site.lab.faults.on("sps-5xx");
    site.lab.spp.traffic.inject({ path: /SslCertificates$/, effect: { kind: "call", when: "before", run } });
    const inputs = await site.join({ spp: toMovedSpp(), acknowledge: saying({ rejoin: true }) });
    await assert.rejects(sppJoin.update("x", recorded(), inputs, site.context()), { code: "SG1015" });
    site.lab.faults.clear();
    assert.deepEqual([requests(), deletions()], [0, []]);
  });

  for (const [end, effect] of [
    ["fails", { kind: "status", status: 503 }],
    ["is lost", { kind: "cut-before" }],
  ] as const) {
    it(`keeps the old addresses recorded when the disconnection ${end}`, async () => {
      site.lab.spp.traffic.inject({ method: "DELETE", path: /SessionModules/, effect });
      const timeouts = { trustSeconds: 1 };
      const inputs = await site.join({ spp: toMovedSpp(), acknowledge: saying({ rejoin: true }), timeouts });
      const failure = await sppJoin.update("x", recorded(), inputs, site.context()).catch((error: unknown) => error);
      assert.ok(failure instanceof PartialFailure, String(failure));
      assert.deepEqual([requests(), deletions().length], [0, 1]);
      assert.deepEqual(failure.state, { ...state, phase: "unlink" });
      state = failure.state as unknown as SppJoinState;
    });
  }

  it("disconnects the entry once, sends one request and keeps the SPP entry", async () => {
    const inputs = await site.join({ spp: toMovedSpp(), acknowledge: saying({ rejoin: true }) });
    const before = recorded();
    // The engine records nothing of a run that is killed: the same update is made twice.
    ({ state } = await sppJoin.update("x", recorded(), inputs, site.context()));
    assert.deepEqual(deletions(), [`DELETE /service/core/v4/Cluster/SessionModules/${before.connectionId}`]);
    assert.equal(requests(), 1);
    assert.deepEqual([state.connectionId, state.health, state.phase], [before.connectionId, "joined", "verified"]);
    assert.notEqual(state.sppStatus.certificateUserThumbprint, before.sppStatus.certificateUserThumbprint);

    site.clearTraffic();
    const again = await sppJoin.update("x", before, inputs, site.context());
    assert.deepEqual([requests(), deletions()], [0, []]);
    assert.deepEqual(again.state, state);
  });

  it("re-joins although the link was renewed since it was recorded", async () => {
    await new AttemptLedger().end(state.nodeId);
    const stale = { ...recorded().spp, ...site.spp(), certificateUserThumbprint: "00" };
    const inputs = await site.join({ spp: toMovedSpp(), acknowledge: saying({ rejoin: true }) });
    ({ state } = await sppJoin.update("x", { ...recorded(), spp: stale }, inputs, site.context()));
    assert.deepEqual([requests(), deletions().length, state.health], [1, 1, "joined"]);
  });

  it("completes an interrupted re-join in the next run without a cool-down", async () => {
    const { modules } = site.lab.spp.context;
    modules.split(modules.find(state.nodeId) ?? assert.fail());
    const old = { ...recorded(), spp: { ...recorded().spp, ...site.spp() } };
    const inputs = await site.join({ spp: toMovedSpp(), acknowledge: saying({ rejoin: true }) });
    ({ state } = await sppJoin.update("x", old, inputs, site.context()));
    assert.deepEqual([requests(), deletions(), state.health], [1, [], "joined"]);
    assert.doesNotMatch(site.log.all.join("\n"), /cool down/);
    site.clearTraffic();
    await sppJoin.update("x", old, inputs, site.context());
    assert.deepEqual([requests(), deletions()], [0, []]);
  });
});
