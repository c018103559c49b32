import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { planFor, Simulation } from "../testing/simulation";
import type { SiteResult } from "./events";
import { haltOf, isHalted } from "./halt";

const failed: SiteResult = { outcome: "failed" };

/** A rollout whose four sites are checked, and are changed at SPPs of their own. */
function changing(settings: object): Simulation {
  const rollout = new Simulation(planFor(4, { parallelism: 4, ...settings }, 4));
  for (const n of [0, 1, 2, 3]) rollout.finish(`site-${n}`);
  assert.equal(rollout.state.changing.size, 4);
  return rollout;
}

describe("what stops changes that wait at their SPP", () => {
  it("is a failure, until an operator has decided about it", () => {
    const rollout = changing({});
    assert.equal(haltOf(rollout.state), undefined);
    rollout.finish("site-0", failed);
    assert.deepEqual(haltOf(rollout.state), { kind: "failures", exempt: [] });
    rollout.operator("skipped", "site-0");
    assert.equal(haltOf(rollout.state), undefined);
  });

  it("is a failure beyond the budget only, where there is one", () => {
    const rollout = changing({ onFailure: "continue", failureBudget: { perWave: 1, total: 1 } });
    rollout.finish("site-0", failed);
    assert.equal(haltOf(rollout.state), undefined);
    rollout.finish("site-1", { outcome: "unreachable" });
    assert.deepEqual(haltOf(rollout.state), { kind: "failures", exempt: [] });
  });

  it("is no failure for a site that is retried, and everything else also for it", () => {
    const rollout = changing({});
    rollout.finish("site-0", failed);
    rollout.finish("site-1", failed);
    assert.deepEqual(rollout.operator("retried", "site-0"), ["apply site-0 #2"]);
    const halt = haltOf(rollout.state) ?? assert.fail("nothing stops it");
    assert.deepEqual(halt, { kind: "failures", exempt: ["site-0"] });
    assert.deepEqual([isHalted(halt, "site-0"), isHalted(halt, "site-2")], [false, true]);
    rollout.operator("paused");
    const paused = haltOf(rollout.state) ?? assert.fail("nothing stops it");
    assert.deepEqual([paused.kind, isHalted(paused, "site-0")], ["paused", true]);
  });

  it("starts a retried change again that a pause took back, while another failure still holds the rollout", () => {
    const rollout = changing({});
    rollout.finish("site-0", failed);
    rollout.finish("site-1", failed);
    rollout.operator("retried", "site-0");
    rollout.operator("paused");
    assert.deepEqual(rollout.finish("site-0", { outcome: "deferred" }), []);
    assert.deepEqual(rollout.operator("resumed"), ["apply site-0 #3"]);
  });

  it("is a site whose gate knows nothing of it, whatever the plan says of failures", () => {
    for (const onFailure of ["continue", "stop", "hold"]) {
      const budget = onFailure === "continue" ? { failureBudget: { perWave: 4, total: 4 } } : {};
      const settings = {
        onFailure,
        ...budget,
        parallelism: 4,
        waves: [{ count: 2, trafficSeconds: 60 }, { rest: true }],
      };
      const rollout = new Simulation(planFor(4, settings, 4));
      for (const _phase of ["check", "apply"]) for (const n of [0, 1]) rollout.finish(`site-${n}`);
      assert.deepEqual(rollout.finish("site-0", { outcome: "unknown" }), []);
      assert.deepEqual(rollout.finish("site-1"), [], `${onFailure}: the next wave waits`);
      assert.deepEqual(haltOf(rollout.state), { kind: "failures", exempt: [] });
      assert.deepEqual(rollout.operator("retried", "site-0"), ["verify site-0 #2"]);
      assert.deepEqual(rollout.finish("site-0"), ["check site-2", "check site-3"]);
    }
  });

  it("is a changed program, a pause, the end by a failure and a cancellation", () => {
    const kindAfter = (settings: object, act: (rollout: Simulation) => void) => {
      const rollout = changing(settings);
      act(rollout);
      return haltOf(rollout.state)?.kind;
    };
    assert.deepEqual(
      [
        kindAfter({}, (rollout) => rollout.finish("site-0", { outcome: "changed", fingerprint: "second" })),
        kindAfter({}, (rollout) => rollout.operator("paused")),
        kindAfter({ onFailure: "stop" }, (rollout) => rollout.finish("site-0", failed)),
        kindAfter({}, (rollout) => rollout.operator("cancelled")),
      ],
      ["changed", "paused", "stopped", "cancelled"],
    );
  });
});
