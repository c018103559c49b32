import assert from "node:assert/strict";
import { FAULTS } from "../../benchmarks/lockout/faults";
import { sweep } from "../../benchmarks/lockout/sweep";

/*
 * A short lock-out sweep; the long one is `npm run bench -- lockout`. It does not prove what a jump of the clock or a real
 * restart does: network namespaces have neither.
 */
describe("changes on a router that are interrupted", function () {
  this.timeout(120_000);

  it("never lock out for longer than the window and two seconds, and never take a rule of others along", async () => {
    const runs = 2 * FAULTS.length;
    const results = await sweep({ runs, routers: 4, windowSeconds: 3, seed: 7 });
    assert.equal(results.length, runs);
    assert.deepEqual(
      results.filter((run) => !run.isRecovered || run.areForeignRulesLost),
      [],
    );
  });
});
