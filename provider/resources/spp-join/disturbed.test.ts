import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { RecordingLog } from "../../../tests/support/recording-log";
import { Site } from "../../../tests/support/site";
import { PartialFailure } from "../../core/errors";
import { sppJoin } from "./operations";
import type { SppJoinKnown } from "./schema";

describe("a join that is disturbed after its request", function () {
  this.timeout(60_000);
  let site: Site;
  afterEach(() => site.stop());

  async function start(spsCount: number): Promise<void> {
    site = await Site.startWithCluster({ spsCount });
  }

  /** Creates the join, which has to fail in part; calls back as soon as a phase begins. */
  async function failed(inputs: SppJoinKnown, phase: string, disturb: () => void): Promise<PartialFailure> {
    const log = new RecordingLog();
    log.info = (message) => {
      if (message.includes(phase)) disturb();
    };
    const thrown: unknown = await sppJoin.create(inputs, { ...site.context(), log }).catch((error: unknown) => error);
    assert.ok(thrown instanceof PartialFailure, String(thrown));
    return thrown;
  }

  it("reports members that are not synchronized within the limit", async () => {
    await start(2);
    const timeouts = { synchronizationSeconds: 1 };
    const failure = await failed(await site.join({ timeouts }), "waiting for the cluster members", () =>
      site.lab.faults.on("sps-sync-stuck"),
    );
    assert.match(failure.message, /synchronization of 1 member after the join: .* \[SG2123\]$/);
    assert.equal(failure.state.phase, "synchronized");
  });

  it("reports a join that was broken while it was verified", async () => {
    await start(1);
    const { modules } = site.lab.spp.context;
    const failure = await failed(await site.join(), "waiting for the cluster members", () => {
      modules.split(modules.find(site.lab.sps[0].nodeId) ?? assert.fail("SPP does not know the node"));
    });
    assert.match(failure.message, /: verify: .* \[SG2124\]$/);
    assert.equal(site.lab.sps[0].traffic.requests.filter(({ path }) => path === "/api/cluster/spp").length, 1);
  });
});
