import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { sppTurns } from "./spp-turns";

const iso = (time: number) => new Date(time).toISOString();
const NEXT = { spp: "spp-0", site: "a", since: iso(1000), waiting: ["b"] };
const NONE = new Set<string>();

describe("the queues at the SPPs of a rollout", () => {
  it("have the next site as holder when its change has begun, or nothing keeps it from beginning", () => {
    const begun = [{ spp: "spp-0", restsUntil: 90_000, begun: ["a"] }];
    assert.deepEqual(sppTurns([NEXT], { turns: begun, takenByOthers: NONE, now: 5000 }), [NEXT]);
    assert.deepEqual(sppTurns([NEXT], { turns: [], takenByOthers: NONE, now: 5000 }), [NEXT]);
    const rested = [{ spp: "spp-0", restsUntil: 4000, begun: [] }];
    assert.deepEqual(sppTurns([NEXT], { turns: rested, takenByOthers: NONE, now: 5000 }), [NEXT]);
  });

  it("have the next site among those that wait while the SPP rests after a change of another rollout", () => {
    const turns = [{ spp: "spp-0", restsUntil: 65_000, begun: [] }];
    assert.deepEqual(sppTurns([NEXT], { turns, takenByOthers: NONE, now: 5000 }), [
      { spp: "spp-0", coolDownUntil: iso(65_000), waiting: ["a", "b"] },
    ]);
    const idle = { spp: "spp-0", waiting: ["b"], coolDownUntil: iso(20_000) };
    assert.deepEqual(sppTurns([idle], { turns, takenByOthers: NONE, now: 5000 }), [
      { ...idle, coolDownUntil: iso(65_000) },
    ]);
    assert.deepEqual(sppTurns([idle], { turns: [], takenByOthers: NONE, now: 30_000 }), [
      { spp: "spp-0", waiting: ["b"] },
    ]);
  });

  it("have the next site among those that wait while another rollout changes a site at the SPP", () => {
    assert.deepEqual(sppTurns([NEXT], { turns: [], takenByOthers: new Set(["spp-0"]), now: 5000 }), [
      { spp: "spp-0", isTaken: true, waiting: ["a", "b"] },
    ]);
  });
});
