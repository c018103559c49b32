import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { changesIn, Site } from "../../../tests/support/site";
import { sppJoin } from "./operations";
import type { SppJoinInputs, SppJoinState } from "./schema";

/** Runs through in order: each test begins where the one before ended. */
describe("SppJoin with onDelete unlink", () => {
  let site: Site;
  let state: SppJoinState;

  before(async () => {
    site = await Site.startWithCluster({ spsCount: 1 });
    ({ state } = await sppJoin.create(await site.join(), site.context()));
  });
  after(() => site.stop());
  beforeEach(() => {
    site.clearTraffic();
    site.log.clear();
  });

  const deletions = () => changesIn(site.lab.spp.traffic).filter((request) => request.startsWith("DELETE "));
  const asked = (changes: Partial<SppJoinInputs> = {}) =>
    site.join({
      onDelete: "unlink",
      acknowledge: { irreversible: true, sps: site.sps(0).address, spp: site.spp().address, disconnects: true },
      ...changes,
    });
  const remove = (given: SppJoinState) => sppJoin.delete("x", given, site.context());

  it("records onDelete unlink without a request", async () => {
    const { state: updated } = await sppJoin.update("x", state, await asked(), site.context());
    assert.deepEqual([...changesIn(site.lab.sps[0].traffic), ...changesIn(site.lab.spp.traffic)], []);
    state = updated;
  });

  it("refuses to unlink without a recorded acknowledgement", async () => {
    const { acknowledge: _acknowledge, ...rest } = state;
    await assert.rejects(remove(rest), { code: "SG2118" });
    assert.deepEqual(deletions(), []);
  });

  it("refuses to unlink on another SPP than the recorded one", async () => {
    await assert.rejects(remove({ ...state, sppApplianceId: "00155DFFFFFF" }), { code: "SG2121" });
    assert.deepEqual(deletions(), []);
  });

  it("refuses to unlink when no node id is recorded", async () => {
    await assert.rejects(remove({ ...state, nodeId: "" }), { code: "SG2125" });
    assert.deepEqual(deletions(), []);
  });

  it("unlinks with one request although its answer is lost, and SPP keeps the entry", async () => {
    site.lab.spp.traffic.inject({ method: "DELETE", path: /SessionModules/, effect: { kind: "cut-after" } });
    await remove(state);
    assert.deepEqual(deletions(), [`DELETE /service/core/v4/Cluster/SessionModules/${state.connectionId}`]);
    const [row] = site.lab.spp.sessionModules;
    assert.deepEqual([row?.Id, row?.CertificateUserThumbprint], [state.connectionId, null]);
    assert.match(site.log.of("warn").join(), /entry \d+ on SPP is disconnected and stays; sps .* keeps the objects/);
  });

  it("sends no second unlink request, which would remove the SPP entry for good", async () => {
    await remove(state);
    assert.deepEqual(deletions(), []);
    assert.equal(site.lab.spp.sessionModules.length, 1);
  });
});
