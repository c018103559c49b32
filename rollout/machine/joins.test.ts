import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { planFor, Simulation } from "../testing/simulation";
import { replay } from "./advance";
import type { SiteResult } from "./events";
import { waitsForOperator } from "./start";

const JOIN: SiteResult = { outcome: "done", changes: [{ operation: "create", resource: "SppJoin a" }] };
const UPDATE: SiteResult = { outcome: "done", changes: [{ operation: "update", resource: "SppJoin a" }] };

/** A rollout of two waves whose start accepted some joins. Each site has an SPP of its own. */
function started(acceptedJoins: number | undefined, gates: object = {}): Simulation {
  const waves = [
    { name: "eu", count: 3, ...gates },
    { name: "us", rest: true },
  ];
  const plan = planFor(5, { waves, parallelism: 5 }, 5);
  return new Simulation(acceptedJoins === undefined ? plan : { ...plan, acceptedJoins });
}

const hold = (wave: string, seen: number, accepted: number) => ({ kind: "approval", wave, joins: { seen, accepted } });

describe("joins in waves without an approval gate", () => {
  it("wait for an approval when the start accepted none, and other changes do not", () => {
    const rollout = started(undefined);
    rollout.finish("site-0", JOIN);
    rollout.finish("site-1", UPDATE);
    assert.deepEqual(rollout.finish("site-2", JOIN), ["apply site-1"]);
    rollout.finish("site-1");
    assert.deepEqual(rollout.state.hold, hold("eu", 2, 0));
    assert.equal(waitsForOperator(rollout.state), true);
    assert.deepEqual(rollout.operator("approved"), ["apply site-0", "apply site-2"]);
  });

  it("start after all checks of their wave when the start accepted as many", () => {
    const rollout = started(3);
    rollout.finish("site-0", JOIN);
    assert.deepEqual(rollout.finish("site-1", JOIN), []);
    assert.deepEqual(rollout.finish("site-2", UPDATE), ["apply site-0", "apply site-1", "apply site-2"]);
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site);
    rollout.finish("site-3", JOIN);
    assert.deepEqual(rollout.finish("site-4"), ["apply site-3", "apply site-4"]);
    rollout.finishAll();
    assert.deepEqual(replay(rollout.state.plan, rollout.events), rollout.state);
    assert.equal(rollout.state.status, "done");
  });

  it("all wait when the checks of a wave showed more, counted with those of earlier waves", () => {
    const rollout = started(2);
    for (const site of ["site-0", "site-1"]) rollout.finish(site, UPDATE);
    rollout.finish("site-2", JOIN);
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site);
    rollout.finish("site-3", JOIN);
    assert.deepEqual(rollout.finish("site-4", JOIN), []);
    assert.deepEqual(rollout.state.hold, hold("us", 3, 2));
    assert.deepEqual(
      rollout.operator("skipped", "site-4"),
      ["apply site-3"],
      "without it, they are as many as accepted",
    );
  });

  it("are checked and counted again after a retry or a freeze, each site once", () => {
    const rollout = started(1);
    rollout.finish("site-0", JOIN);
    for (const site of ["site-1", "site-2"]) rollout.finish(site, UPDATE);
    rollout.finish("site-0", { outcome: "outdated" });
    for (const site of ["site-1", "site-2"]) rollout.finish(site);
    assert.deepEqual(rollout.operator("retried", "site-0"), ["check site-0 #2"]);
    assert.deepEqual(rollout.finish("site-0", JOIN), ["apply site-0 #2"]);
    rollout.finish("site-0");
    rollout.finish("site-3", JOIN);
    rollout.finish("site-4");
    rollout.finish("site-4");
    assert.deepEqual(rollout.state.hold, hold("us", 2, 1));
    rollout.operator("frozen", "site-3");
    assert.equal(rollout.state.status, "done");
  });

  it("ask nothing more in a wave with an approval gate, and do not count there", () => {
    const rollout = started(0, { approval: true });
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site, JOIN);
    assert.deepEqual(rollout.state.hold, { kind: "approval", wave: "eu" });
    assert.deepEqual(rollout.operator("approved"), ["apply site-0", "apply site-1", "apply site-2"]);
    assert.equal(rollout.state.joins.size, 0);
  });
});
