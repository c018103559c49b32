import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { nameOf, type Point } from "../../benchmarks/crash/points";
import { findPoints, sweep } from "../../benchmarks/crash/sweep";
import { summaryOf, tableOf } from "../../benchmarks/crash/table";

/*
 * A short crash sweep; the long one, at every request and with the real engine, is `npm run bench -- crash`. It does not
 * prove what a crash of the engine itself leaves: that one keeps its own record of what was going on.
 */
describe("a provider that is killed in the middle of a cluster and its join", function () {
  this.timeout(180_000);
  let points: Point[];

  before(async () => {
    points = await findPoints(1);
  });

  it("meets each change once, the one join request among them, and what a poll repeats once", () => {
    const names = points.map(nameOf);
    assert.equal(new Set(names).size, names.length);
    assert.equal(names.filter((name) => name.endsWith("POST /api/cluster/promote")).length, 1);
    assert.equal(names.filter((name) => name.endsWith("POST /api/cluster/spp")).length, 1);
    assert.ok(names.length > 150, `${names.length} points`);
  });

  it("needs nothing but the next up, which sends no second join request", async () => {
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
    assert.deepEqual(summaryOf(crashes), { points: kills, converged: kills, maxJoinPosts: 1, handEdits: 0 });
  });
});
