import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { nameOf, type Point } from "../../benchmarks/crash/points";
import { findPoints, sweep } from "../../benchmarks/crash/sweep";
import { summaryOf, tableOf } from "../../benchmarks/crash/table";

/*
 * A short crash sweep. `npm run bench -- crash` is the long one, at every request and with the real engine. This test does
 * not prove what a crash of the engine leaves behind, which keeps its own record of pending operations.
 */
describe("a killed provider", function () {
  this.timeout(180_000);
  let points: Point[];

  before(async () => {
    points = await findPoints(1);
  });

  it("counts each change, the join request among them, and each repeated read once", () => {
    const names = points.map(nameOf);
    assert.equal(new Set(names).size, names.length);
    assert.equal(names.filter((name) => name.endsWith("POST /api/cluster/promote")).length, 1);
    assert.equal(names.filter((name) => name.endsWith("POST /api/cluster/spp")).length, 1);
    assert.ok(names.length > 150, `${names.length} points`);
  });

  it("converges in the next up without a second join request after a killed provider", async () => {
    const join = points.filter(({ path, method }) => method === "POST" && path === "/api/cluster/spp");
    const acceptance = points.filter(({ path, method }) => method === "POST" && path === "/api/cluster/nodes");
    const chosen = [...join, ...acceptance];
    const crashes = await sweep(chosen, 4, (point) => (join.includes(point) ? "dynamic provider" : "host"));
    console.log(`      ${tableOf(crashes).split("\n").join("\n      ")}`);
    assert.deepEqual(
      crashes
        .filter(({ complaint }) => complaint !== "")
        .map((crash) => [nameOf(crash.point), crash.position, crash.complaint]),
      [],
    );
    const kills = 3 * chosen.length;
    assert.deepEqual(summaryOf(crashes), { points: kills, converged: kills, maxJoinPosts: 1, manualRepairs: 0 });
  });
});
